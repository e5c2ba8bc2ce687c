variable "greeting" {
  type    = string
  default = "hello"
}
component "web" {
  source = "./components/web"
  hosts  = ["10.0.0.1", "10.0.0.2"]
  inputs = { greeting = var.greeting }
}
component "ring" {
  source = "./components/ring"
  hosts  = ["10.0.0.1"]
}
