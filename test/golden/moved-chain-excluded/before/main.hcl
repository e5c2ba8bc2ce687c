component "web" {
  source = "./components/web"
  hosts  = ["10.0.0.1"]
}
