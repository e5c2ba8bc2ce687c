definition {
  requires {
    resolves = [input.db]
    reaches  = ["${input.db}:5432", "10.9.9.9:80"]
    sysctl   = { "vm.max_map_count" = ">= 262144", "net.ipv4.tcp_rmem" = "4096 131072 6291456" }
    limits   = { nofile = 65536, memlock = "unlimited" }
    kernel {
      version    = ">= 5.10, < 6.8"
      parameters = ["cgroup_enable=memory", "quiet"]
    }
  }
}
input "db" { type = string }
file "config" {
  path    = "/etc/app"
  content = input.db
}
