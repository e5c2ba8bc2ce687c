file "agent" {
  path    = "/etc/agent"
  content = "agent\n"
}
