input "backends" { type = any }
package "haproxy" {}
file "config" {
  path    = "/etc/haproxy/haproxy.cfg"
  content = join("", [for e in input.backends : "server s${e.index} ${e.address}:${e.port}\n"])
}
service "haproxy" { reload = "systemctl reload haproxy" }
endpoint "http" { port = 8080 }
