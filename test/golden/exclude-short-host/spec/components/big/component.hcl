definition {
  requires {
    cpu    = 64
    memory = "1TiB"
  }
}
file "big" {
  path    = "/etc/big"
  content = "big"
}
