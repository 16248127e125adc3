# expect-below: invalid-waiver
// tfguard:ignore[emergency-http-forwarding] until=2026-12-03 the NS records are not published
variable "force_http_forwarding" {
  type    = bool
  default = true # expect: emergency-http-forwarding
}
