component "one" {
  source = "./components/one"
  hosts  = ["10.0.0.1", "10.0.0.2"]
}
component "two" {
  source = "./components/two"
  hosts  = ["10.0.0.1"]
}
