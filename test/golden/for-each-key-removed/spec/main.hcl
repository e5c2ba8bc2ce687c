component "sites" {
  source = "./components/sites"
  hosts  = ["10.0.0.1"]
  inputs = { sites = ["a", "c", "d"] }
}
