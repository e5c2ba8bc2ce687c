component "one" {
  source = "./components/one"
  hosts  = ["10.0.0.1"]
}
component "two" {
  source = "./components/two"
  hosts  = ["10.0.0.1"]
}
