user "web" { system = true }
file "agent" {
  path    = "/etc/agent"
  content = "agent\n"
}
