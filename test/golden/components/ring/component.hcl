file "id" {
  path    = "id"
  content = "index ${instance.index}\n"
}
