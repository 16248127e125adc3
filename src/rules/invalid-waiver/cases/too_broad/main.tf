variable "force_http_forwarding" {
  type    = bool
  default = true # expect: emergency-http-forwarding
}
