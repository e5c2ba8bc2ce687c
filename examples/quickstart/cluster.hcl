# Three HTTP backends and a load balancer on loopback addresses of this machine: no root, no SSH, no packages.
# Scale by editing one list and applying again.

cluster "quickstart" {
  version = "1"
}

locals {
  backends = ["127.0.1.1", "127.0.1.2", "127.0.1.3"]
}

component "backend" {
  source = "./components/backend"
  hosts  = local.backends
  inputs = { greeting = "hello" }
}

component "balancer" {
  source = "./components/balancer"
  hosts  = ["127.0.1.100"]
  inputs = { backends = component.backend.endpoints.http }
}

output "url" {
  value = "http://${component.balancer.endpoints.http[0].address}:${component.balancer.endpoints.http[0].port}/"
}
output "backends" {
  value = [for e in component.backend.endpoints.http : "http://${e.address}:${e.port}/"]
}
