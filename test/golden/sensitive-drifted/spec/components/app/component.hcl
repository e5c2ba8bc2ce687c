input "password" { type = string }
file "secret" {
  path    = "/etc/app/secret"
  mode    = "0600"
  content = "password=${input.password}\n"
}
script "account" {
  create   = "app-account $SECRETS/pw"
  triggers = [input.password]
  secrets  = { pw = input.password }
}
service "app" { command = "/usr/bin/app" }
