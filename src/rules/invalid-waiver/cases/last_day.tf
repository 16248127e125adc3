# today: 2026-12-01
/* tfguard:ignore[emergency-http-forwarding] until=2026-12-01
   the NS records are not published */
variable "force_http_forwarding" {
  type    = bool
  default = true # expect-waived: emergency-http-forwarding
}
