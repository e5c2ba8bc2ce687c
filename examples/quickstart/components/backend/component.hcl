definition {
  description = "A small HTTP server that says who answers"
  instances {
    min = 1
  }
}

input "greeting" {
  type    = string
  default = "hello"
}
input "port" {
  type    = number
  default = 18080
}
input "node" {
  type        = string
  default     = "node"
  description = "The Node.js to run it with."
}

file "program" {
  path   = "server.mjs"
  source = "server.mjs"
}

file "config" {
  path    = "config.json"
  content = "${jsonencode({ address = host.address, port = input.port, greeting = input.greeting, index = instance.index })}\n"
}

service "backend" {
  command           = "${input.node} server.mjs config.json"
  working_directory = instance.dir
}

check "answers" {
  http     = "http://${host.address}:${input.port}/health"
  interval = "200ms"
}

endpoint "http" { port = input.port }
log "output" { path = "${instance.dir}/.slipway/backend/log" }
