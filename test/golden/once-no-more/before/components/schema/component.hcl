script "schema" {
  once    = true
  unless  = "db-migrate done"
  create  = "db-migrate up"
  destroy = "db-migrate drop"
}
