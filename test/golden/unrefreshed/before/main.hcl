component "web" {
  source = "./components/web"
  hosts  = ["10.0.0.1"]
}
component "db" {
  source = "./components/db"
  hosts  = ["10.0.0.1"]
}
