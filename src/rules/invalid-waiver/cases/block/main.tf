variable "force_http_forwarding" {
  type    = bool
  default = true # expect-waived: emergency-http-forwarding
}
