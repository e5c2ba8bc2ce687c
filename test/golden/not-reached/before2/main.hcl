component "web" {
  source = "./components/web"
  hosts  = ["10.0.0.1", "10.0.0.2"]
  inputs = { greeting = "welcome" }
}
