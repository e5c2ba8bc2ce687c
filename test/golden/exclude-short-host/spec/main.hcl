component "web" {
  source = "./components/web"
  hosts  = ["10.0.0.1"]
}
component "big" {
  source = "./components/big"
  hosts  = ["10.0.0.1"]
}
