input "port" { type = number }
service "port" { command = "/usr/bin/port ${input.port}" }
endpoint "port" { port = input.port }
