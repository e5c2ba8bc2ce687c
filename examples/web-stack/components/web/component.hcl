definition {
  description = "nginx with one page that says who serves it"
  requires {
    os = ["debian", "ubuntu"]
  }
}

input "title" { type = string }
input "port" {
  type    = number
  default = 8080
}
input "redis" {
  type = list(object({ host = string, address = string, port = number, index = number }))
}

package "nginx" {}

directory "site" { path = "/srv/web" }

file "page" {
  path     = "/srv/web/index.html"
  template = "index.html.tftpl"
}

file "config" {
  path     = "/etc/nginx/conf.d/web.conf"
  template = "web.conf.tftpl"
}

service "nginx" {
  restart_on = ["file.config"]
  reload     = "systemctl reload nginx"
}

check "page" { http = "http://${host.address}:${input.port}/" }
endpoint "http" { port = input.port }
log "access" { path = "/var/log/nginx/*.log" }
