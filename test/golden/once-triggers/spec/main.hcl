component "db" {
  source = "./components/db"
  hosts  = ["10.0.0.2"]
  inputs = { version = 2 }
}
