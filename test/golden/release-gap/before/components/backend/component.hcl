input "index" { default = 0 }
service "backend" { command = "/usr/bin/backend" }
endpoint "http" { port = 80 }
