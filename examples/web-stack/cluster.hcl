# A web stack on real machines over SSH: haproxy in front of three nginx, and a redis primary with a replica.
# Everything comes from the distribution's packages. The addresses are variables; give your own with a vars file.

cluster "web-stack" {
  version = "1"
}

variable "balancer" {
  type    = string
  default = "10.10.101.11"
}
variable "web" {
  type    = list(string)
  default = ["10.10.101.12", "10.10.101.13", "10.10.101.14"]
}
variable "redis" {
  type        = object({ primary = string, replica = string })
  default     = { primary = "10.10.101.15", replica = "10.10.101.16" }
  description = "Hosts of the redis primary and its replica."
}
variable "redis_password" {
  type      = string
  sensitive = true
  validation {
    condition     = length(var.redis_password) >= 12
    error_message = "At least 12 characters."
  }
}
variable "user" {
  type    = string
  default = "root"
}
variable "private_key" {
  type    = string
  default = "~/.ssh/id_ed25519"
}
variable "title" {
  type    = string
  default = "It works"
}

provider "ssh" {
  user        = var.user
  private_key = var.private_key
  become      = "sudo"
}

component "redis_primary" {
  source = "./components/redis"
  hosts  = [var.redis.primary]
  inputs = { password = var.redis_password }
}

component "redis_replica" {
  source = "./components/redis"
  hosts  = [var.redis.replica]
  inputs = { password = var.redis_password, primary = component.redis_primary.endpoints.redis }
}

component "web" {
  source = "./components/web"
  hosts  = var.web
  inputs = { title = var.title, redis = component.redis_primary.endpoints.redis }
  update {
    canaries      = 1
    max_in_flight = "34%"
    watch         = "2s"
  }
}

component "balancer" {
  source = "./components/balancer"
  hosts  = [var.balancer]
  inputs = { servers = component.web.endpoints.http }
}

output "url" {
  value = "http://${component.balancer.endpoints.http[0].address}:${component.balancer.endpoints.http[0].port}/"
}
