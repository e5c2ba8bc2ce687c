definition {
  description = "redis from the distribution, as a primary or as a replica of one"
  requires {
    memory = "128MiB"
    os     = ["debian", "ubuntu"]
  }
}

input "password" {
  type      = string
  sensitive = true
}
input "port" {
  type    = number
  default = 6379
}
input "primary" {
  type        = list(object({ host = string, address = string, port = number, index = number }))
  default     = []
  description = "Endpoint of the primary; empty: this is the primary."
}

package "redis-server" {}

directory "data" {
  path  = "/var/lib/redis"
  owner = "redis"
  group = "redis"
  mode  = "0750"

  # A cache: nobody misses it. "keep" leaves what redis wrote.
  on_remove = "delete"
}

file "config" {
  path     = "/etc/redis/redis.conf"
  template = "redis.conf.tftpl"
  owner    = "redis"
  group    = "redis"
  mode     = "0640"
}

service "redis-server" {}

check "listening" { tcp = input.port }
endpoint "redis" { port = input.port }
log "server" { path = "/var/log/redis/*.log" }
