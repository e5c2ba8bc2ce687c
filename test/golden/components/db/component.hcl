input "version" {
  type    = number
  default = 1
}
directory "data" { path = "/var/lib/db" }
service "db" { command = "/usr/bin/db" }
script "schema" {
  once     = true
  create   = "db-migrate up"
  destroy  = "db-migrate drop"
  triggers = [input.version]
}
endpoint "sql" { port = 5432 }
