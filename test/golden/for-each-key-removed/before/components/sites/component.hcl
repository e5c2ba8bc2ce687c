input "sites" { type = list(string) }
file "site" {
  for_each = toset(input.sites)
  path     = "/etc/web/sites/${each.key}"
  content  = "site ${each.key}\n"
}
service "web" {
  command = "/usr/bin/web"
  reload  = "systemctl reload web"
}
