cluster "shop" {
  version = "1"
}
component "web" {
  source = "./components/web"
  hosts  = ["10.0.0.1", "10.0.0.2"]
}
component "db" {
  source = "./components/db"
  hosts  = ["10.0.0.2"]
}
