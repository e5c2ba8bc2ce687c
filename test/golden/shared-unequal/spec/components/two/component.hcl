user "app" { shell = "/bin/bash" }
directory "files" { path = "/srv/data" }
