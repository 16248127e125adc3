# tfguard:ignore[emergency-http-forwarding] until=2026-12-01 the NS records are not published
variable "force_http_forwarding" {
  type = bool
  # tfguard:ignore[emergency-http-forwarding] until=2026-11-30 the same again, which is no harm
  default = true # expect-waived: emergency-http-forwarding
}
