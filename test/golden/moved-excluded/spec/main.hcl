component "site" {
  source = "./components/web"
  hosts  = ["10.0.0.1"]
}
moved {
  from = component.web
  to   = component.site
}
