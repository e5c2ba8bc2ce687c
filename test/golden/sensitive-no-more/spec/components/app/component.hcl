file "secret" {
  path    = "/etc/app/secret"
  content = "password=none\n"
}
service "app" { command = "/usr/bin/app" }
