component "web" {
  source = "./components/web"
  hosts  = ["10.0.0.1"]
}
component "agent" {
  source = "./components/agent"
  hosts  = ["10.0.0.1"]
}
