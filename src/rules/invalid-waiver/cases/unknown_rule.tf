variable "force_http_forwarding" {
  type = bool
  # expect-below: invalid-waiver
  # tfguard:ignore[emergency-http-forwardin] until=2026-12-01 the NS records are not published
  default = true # expect: emergency-http-forwarding
}
