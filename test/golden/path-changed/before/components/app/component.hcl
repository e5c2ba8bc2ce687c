input "folder" { type = string }
directory "folder" { path = input.folder }
file "config" {
  path    = "${input.folder}/app.conf"
  content = "app\n"
}
service "app" { command = "/usr/bin/app ${input.folder}/app.conf" }
