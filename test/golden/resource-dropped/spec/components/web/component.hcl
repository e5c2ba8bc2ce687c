input "port" { default = 80 }
user "web" { system = true }
directory "data" {
  path  = "/var/lib/web"
  owner = "web"
}
file "config" {
  path    = "/etc/web/web.conf"
  content = "listen ${input.port}\n"
}
service "web" { command = "/usr/bin/web -c /etc/web/web.conf" }
endpoint "http" { port = input.port }
