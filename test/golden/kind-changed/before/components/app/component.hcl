file "current" {
  path    = "/etc/app/current"
  content = "x\n"
}
directory "parts" { path = "/etc/app/parts" }
file "part" {
  path    = "/etc/app/parts/one"
  content = "one\n"
}
