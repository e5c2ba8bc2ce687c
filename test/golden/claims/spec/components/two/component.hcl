file "settings" {
  path    = "/etc/app.conf"
  content = "two"
}
service "app" { command = "/usr/bin/two" }
endpoint "web" {
  port = 80
  bind = "0.0.0.0"
}
