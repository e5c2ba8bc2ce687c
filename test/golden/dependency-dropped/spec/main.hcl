component "balancer" {
  source = "./components/balancer"
  hosts  = ["10.0.0.3"]
  inputs = { backends = [] }
}
