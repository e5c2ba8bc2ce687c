link "current" {
  path   = "/etc/app/current"
  target = "/etc/app/parts"
}
file "parts" {
  path    = "/etc/app/parts"
  content = "all\n"
}
