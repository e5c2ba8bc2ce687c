definition {
  description = "haproxy in front of HTTP servers"
  instances {
    max = 1
  }
}

input "servers" {
  type = list(object({ host = string, address = string, port = number, index = number }))
}
input "port" {
  type    = number
  default = 80
}

package "haproxy" {}

file "config" {
  path     = "/etc/haproxy/haproxy.cfg"
  template = "haproxy.cfg.tftpl"
}

service "haproxy" {
  reload = "systemctl reload haproxy"
}

check "answers" { http = "http://${host.address}:${input.port}/" }
endpoint "http" { port = input.port }
log "journal" { unit = "haproxy" }
