component "schema" {
  source = "./components/schema"
  hosts  = ["10.0.0.1", "10.0.0.2"]
}
