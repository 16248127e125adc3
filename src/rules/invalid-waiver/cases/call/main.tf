# tfguard:ignore[http-listener-forwards, missing-https-listener] until=2027-06-30 old devices speak no TLS
module "old" {
  source = "./child"
}
