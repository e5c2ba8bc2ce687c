definition {
  description = "A web server of its own"
}
input "port" {
  type    = number
  default = 80
}
input "greeting" {
  type    = string
  default = "hello"
}
user "web" { system = true }
directory "data" {
  path  = "/var/lib/web"
  owner = "web"
}
file "config" {
  path    = "/etc/web/web.conf"
  owner   = "web"
  mode    = "0640"
  content = <<-EOT
    listen   ${input.port}
    greeting ${input.greeting}
    workers  4
  EOT
}
service "web" {
  command = "/usr/bin/web --quiet -c /etc/web/web.conf"
  user    = "web"
}
endpoint "http" { port = input.port }
