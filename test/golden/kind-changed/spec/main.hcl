component "app" {
  source = "./components/app"
  hosts  = ["10.0.0.1"]
}
