component "archive" {
  source          = "./components/db"
  hosts           = ["10.0.0.1"]
  prevent_destroy = true
}
component "db" {
  source = "./components/db"
  hosts  = ["10.0.0.2"]
}
