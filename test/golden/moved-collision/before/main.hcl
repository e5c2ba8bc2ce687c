component "web" {
  source = "./components/web"
  hosts  = ["10.0.0.1"]
}
component "site" {
  source = "./components/port"
  hosts  = ["10.0.0.1"]
  inputs = { port = 81 }
}
