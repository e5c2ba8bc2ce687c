service "backend2" { command = "/usr/bin/backend2" }
endpoint "http" { port = 80 }
