component "app" {
  source = "./components/app"
  hosts  = ["10.0.0.1", "10.0.0.2"]
  inputs = { db = "db.internal" }
}
