file "x" {
  path    = "/etc/x"
  mode    = "rw"
  content = "x"
}
