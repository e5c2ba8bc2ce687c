file "config" {
  path    = "/etc/tool"
  content = "${host.facts.cores} cores\n"
}
