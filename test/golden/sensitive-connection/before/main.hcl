variable "become" {
  type      = string
  sensitive = true
}
provider "ssh" {
  user            = "deploy"
  become          = "sudo"
  become_password = var.become
}
component "web" {
  source = "./components/web"
  hosts  = ["10.0.0.1"]
}
