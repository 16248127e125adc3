waiver "local" {
  rule    = "secret-literal"
  target  = "locals"
  reason  = "the key was revoked"
  owner   = "platform@example.com"
  expires = "2026-12-20"
}
