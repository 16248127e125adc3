# expect-below: invalid-waiver
# tfguard:ignore[invalid-waiver] until=2026-12-01 hides the one below
variable "force_http_forwarding" {
  type = bool
  # expect-below: invalid-waiver
  # tfguard:ignore[emergency-http-forwarding] until=2026-01-01 the NS records are not published
  default = true # expect: emergency-http-forwarding
}
