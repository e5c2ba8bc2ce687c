cluster "shop" {
  version = "1"
}
