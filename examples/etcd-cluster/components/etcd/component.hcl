definition {
  description = "One member of an etcd cluster"
  requires {
    os = ["debian", "ubuntu"]
  }
  instances {
    min = 1
    max = 7
  }
}

input "token" {
  type        = string
  description = "Name of the cluster, so that two never mix."
}
input "client_port" {
  type    = number
  default = 2379
}
input "peer_port" {
  type    = number
  default = 2380
}

package "etcd-server" {}
package "etcd-client" {}

directory "data" {
  path  = "/var/lib/etcd/${input.token}"
  owner = "etcd"
  group = "etcd"
  mode  = "0700"
}

file "config" {
  path     = "/etc/default/etcd"
  template = "etcd.env.tftpl"
}

service "etcd" {}

check "healthy" {
  http    = "http://${host.address}:${input.client_port}/health"
  timeout = "90s"
}

endpoint "client" { port = input.client_port }
endpoint "peer" { port = input.peer_port }
log "journal" { unit = "etcd" }
