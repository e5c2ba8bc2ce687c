variable "password" {
  type      = string
  sensitive = true
}
component "app" {
  source = "./components/app"
  hosts  = ["10.0.0.1"]
  inputs = { password = var.password }
}
