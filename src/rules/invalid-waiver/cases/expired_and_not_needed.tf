# today: 2026-12-02
variable "force_http_forwarding" {
  type = bool
  # expect-below: invalid-waiver
  # tfguard:ignore[emergency-http-forwarding] until=2026-12-01 the NS records are not published
  default = false
}
