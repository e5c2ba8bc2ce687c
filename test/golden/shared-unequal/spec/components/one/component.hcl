user "app" { shell = "/bin/sh" }
directory "data" {
  path = "/srv/data"
  mode = "0750"
}
