directory "data" { path = "/var/lib/db" }
service "db" { command = "/usr/bin/db" }
endpoint "sql" { port = 5432 }
