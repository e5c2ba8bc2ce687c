component "agent" {
  source = "./components/agent"
  hosts  = ["10.0.0.1"]
}
