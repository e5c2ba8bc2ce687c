component "ring" {
  source = "./components/ring"
  hosts  = ["10.0.0.2", "10.0.0.3"]
}
