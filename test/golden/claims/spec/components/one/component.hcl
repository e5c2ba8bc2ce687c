file "config" {
  path    = "/etc/app.conf"
  content = "one"
}
service "app" { command = "/usr/bin/one" }
endpoint "http" { port = 80 }
