script "schema" {
  once    = false
  unless  = "db-migrate done"
  create  = "db-migrate up"
  destroy = "db-migrate drop"
}
