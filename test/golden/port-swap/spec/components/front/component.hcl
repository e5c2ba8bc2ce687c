input "db" { type = any }
input "port" { default = 81 }
service "front" { command = "/usr/bin/front ${input.port} ${input.db[0].port}" }
endpoint "http" { port = input.port }
