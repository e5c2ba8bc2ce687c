component "web" {
  source = "./components/web"
  hosts  = ["10.0.0.1"]
  ignore_changes = ["file.config"]
}
