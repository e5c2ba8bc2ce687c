component "db" {
  source = "./components/db"
  hosts  = ["10.0.0.2"]
}
moved {
  from = component.archive
  to   = component.db
}
