service "site" { command = "/usr/bin/site" }
endpoint "http" { port = 80 }
