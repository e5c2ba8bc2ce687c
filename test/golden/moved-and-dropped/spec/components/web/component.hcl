directory "data" { path = "/var/lib/web" }
file "config" {
  path    = "/etc/web/web.conf"
  content = "listen 80\n"
}
service "web" { command = "/usr/bin/web -c /etc/web/web.conf" }
endpoint "http" { port = 80 }
