waiver "registrar" {
  rule         = "emergency-http-forwarding"
  target       = "var.force_http_forwarding"
  environments = ["staging"]
  reason       = "the registrar has not published the NS records"
  owner        = "platform@example.com"
  expires      = "2026-12-01"
}
