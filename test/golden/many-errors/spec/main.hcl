component "web" {
  source = "./components/web"
  hosts  = ["10.0.0.1"]
  inputs = { prt = 80 }
  colour = "red"
}
variable "unset" { type = string }
output "x" { value = var.nothing }
component "broken" {
  source = "./components/broken"
  hosts  = ["10.0.0.1"]
}
