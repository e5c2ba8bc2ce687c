# A real etcd cluster of three members, from the distribution's packages.

cluster "etcd-cluster" {
  version = "1"
}

variable "members" {
  type    = list(string)
  default = ["10.10.101.17", "10.10.101.18", "10.10.101.19"]
}
variable "user" {
  type    = string
  default = "root"
}
variable "private_key" {
  type    = string
  default = "~/.ssh/id_ed25519"
}

provider "ssh" {
  user        = var.user
  private_key = var.private_key
  become      = "sudo"
}

component "etcd" {
  source = "./components/etcd"
  hosts  = var.members
  inputs = { token = "slipway-example" }
  update {
    max_in_flight = 1
  }
}

output "endpoints" {
  value = [for e in component.etcd.endpoints.client : "http://${e.address}:${e.port}"]
}
