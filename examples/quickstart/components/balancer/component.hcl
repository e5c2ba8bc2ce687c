definition {
  description = "A load balancer that hands requests round"
}

input "backends" {
  type = list(object({ host = string, address = string, port = number, index = number }))
}
input "port" {
  type    = number
  default = 18000
}
input "node" {
  type    = string
  default = "node"
}

file "program" {
  path   = "balancer.mjs"
  source = "balancer.mjs"
}

file "backends" {
  path    = "backends.json"
  content = "[\n${join(",\n", [for b in input.backends : "  ${jsonencode({ address = b.address, port = b.port })}"])}\n]\n"
}

service "balancer" {
  command           = "${input.node} balancer.mjs ${host.address} ${input.port} backends.json"
  working_directory = instance.dir

  # A changed list of backends needs no restart: the balancer reads it again, and no request is lost.
  reload = "${input.node} ${instance.dir}/balancer.mjs reload ${host.address} ${input.port}"
  # A changed program does: as part of the environment it changes the service itself.
  environment = { PROGRAM = filesha256("balancer.mjs") }
}

check "answers" {
  http     = "http://${host.address}:${input.port}/"
  interval = "200ms"
}

endpoint "http" { port = input.port }
log "output" { path = "${instance.dir}/.slipway/balancer/log" }
