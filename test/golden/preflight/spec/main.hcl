component "big" {
  source = "./components/big"
  hosts  = ["10.0.0.1", "10.0.0.2"]
}
component "huge" {
  source = "./components/huge"
  hosts  = ["10.0.0.1"]
}
