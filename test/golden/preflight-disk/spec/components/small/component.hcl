definition {
  requires {
    cpu    = 1
    memory = "3GiB"
    disk   = "30GiB"
    os     = ["debian"]
    ports  = [9000]
  }
}
file "small" {
  path    = "/etc/small"
  content = "x"
}
endpoint "http" { port = 80 }
