# Workload W1: per host a system user, directories, a 1 MiB artifact, five templated files that name all peers, and a
# service that restarts when one of them changes.

variable "hosts" { type = list(string) }
variable "log_level" {
  type    = string
  default = "info"
}
variable "private_key" { type = string }
variable "known_hosts" { type = string }

provider "ssh" {
  user        = "root"
  private_key = var.private_key
  known_hosts = var.known_hosts
  host_key    = "strict"
}

run { parallelism = 128 }

component "shop" {
  source = "./components/shop"
  hosts  = var.hosts
  inputs = { log_level = var.log_level }
  update { max_in_flight = "100%" }
}
