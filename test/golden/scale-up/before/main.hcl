component "ring" {
  source = "./components/ring"
  hosts  = ["10.0.0.1"]
}
