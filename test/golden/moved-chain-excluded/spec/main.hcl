component "front" {
  source = "./components/web"
  hosts  = ["10.0.0.1"]
}
moved {
  from = component.web
  to   = component.site
}
moved {
  from = component.site
  to   = component.front
}
