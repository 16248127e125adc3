waiver "registrar" {
  rule    = "emergency-http-forwarding"
  target  = "var.*" # expect: invalid-waiver
  reason  = "the registrar has not published the NS records"
  owner   = "platform@example.com"
  expires = "2026-12-01"
}
