definition {
  requires {
    cpu    = 4
    memory = "3GiB"
    disk   = "30GiB"
    os     = ["ubuntu"]
    ports  = [9000]
  }
}
file "huge" {
  path    = "/etc/huge"
  content = "x"
}
endpoint "http" { port = 81 }
