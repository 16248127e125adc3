waiver "first" {
  rule    = "secret-literal"
  target  = "terraform_data.notify[0]"
  reason  = "the key was revoked"
  owner   = "platform@example.com"
  expires = "2026-12-20"
}
