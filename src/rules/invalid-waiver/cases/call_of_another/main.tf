module "old" { # tfguard:ignore[http-listener-forwards, missing-https-listener] until=2027-06-30 no TLS there
  source = "./child"
}

module "new" {
  source = "./child"
}
