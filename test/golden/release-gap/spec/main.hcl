component "backend2" {
  source = "./components/backend2"
  hosts  = ["10.0.0.1"]
}
component "balancer" {
  source = "./components/balancer"
  hosts  = ["10.0.0.3"]
  inputs = { backends = component.backend2.endpoints.http }
}
