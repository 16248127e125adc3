variable "force_http_forwarding" {
  type    = bool
  default = "1" # expect: emergency-http-forwarding
}
