component "db" {
  source = "./components/port"
  hosts  = ["10.0.0.1"]
  inputs = { port = 80 }
}
component "front" {
  source = "./components/front"
  hosts  = ["10.0.0.1"]
  inputs = { db = component.db.endpoints.port }
}
