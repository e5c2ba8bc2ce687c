file "config" {
  path    = "/etc/tool"
  content = "${host.facts.cores} cores\n"
}
script "schema" {
  once   = true
  create = "make-schema"
}
