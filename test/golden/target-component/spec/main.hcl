cluster "shop" {
  version = "1"
}
host "edge" { address = "10.0.0.9" }
component "web" {
  source = "./components/web"
  hosts  = ["10.0.0.1", "10.0.0.2"]
}
component "balancer" {
  source = "./components/balancer"
  hosts  = ["edge"]
  inputs = { backends = component.web.endpoints.http }
}
component "db" {
  source = "./components/db"
  hosts  = ["10.0.0.1", "10.0.0.3"]
}
