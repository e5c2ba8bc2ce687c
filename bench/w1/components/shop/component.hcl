definition {
  description = "A file server with five configuration files"
}

input "log_level" { type = string }
input "port" {
  type    = number
  default = 8099
}

user "app" { system = true }

directory "program" {
  path  = "/opt/shop"
  owner = "app"
  group = "app"
}
directory "data" {
  path  = "/var/lib/shop"
  owner = "app"
  group = "app"
}
directory "config" { path = "/etc/shop" }

file "artifact" {
  path   = "/opt/shop/app.bin"
  source = "app.bin"
  owner  = "app"
  group  = "app"
}

file "config" {
  for_each = toset(["cache", "db", "log", "queue", "web"])
  path     = "/etc/shop/${each.key}.conf"
  template = "${each.key}.conf.tftpl"
  owner    = "app"
  group    = "app"
  mode     = "0640"
}

service "shop" {
  command           = "/usr/bin/python3 -m http.server ${input.port} --bind 0.0.0.0 --directory /opt/shop"
  user              = "app"
  working_directory = "/opt/shop"
}

check "listening" {
  tcp      = input.port
  interval = "100ms"
}
endpoint "http" { port = input.port }
