variable "force_http_forwarding" {
  type = bool
  # tfguard:ignore[emergency-http-forwarding] until=2026-12-01 owner=platform the NS records are not published
  default = true # expect-waived: emergency-http-forwarding
}
