component "web" {
  source = "./components/web"
  hosts  = ["10.0.0.1"]
  inputs = { port = 81 }
}
component "site" {
  source = "./components/site"
  hosts  = ["10.0.0.1"]
}
