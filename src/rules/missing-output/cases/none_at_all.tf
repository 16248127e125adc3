variable "force_http_forwarding" {
  type    = bool
  default = false # expect: missing-output
}

variable "wait_for_certificate_validation" {
  type    = bool
  default = true
}

variable "dns_delegated" {
  type    = bool
  default = true
}
