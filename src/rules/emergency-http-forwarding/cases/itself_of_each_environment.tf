# environment: prod
variable "force_http_forwarding" {
  type    = map(bool)
  default = { dev = true, prod = false }
}

variable "settings" {
  type    = object({ force_http_forwarding = map(bool) })
  default = { force_http_forwarding = { dev = false, prod = true } } # expect: emergency-http-forwarding
}
