component "db" {
  source = "./components/db"
  hosts  = ["10.0.0.3", "10.0.0.2"]
}
