component "web" {
  source = "./components/web"
  hosts  = ["10.0.0.1"]
}
component "balancer" {
  source = "./components/balancer"
  hosts  = ["10.0.0.3"]
  inputs = { backends = component.web.endpoints.http }
}
