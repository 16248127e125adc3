variable "enable_acm" {
  default = true
}

variable "wait_for_certificate_validation" {
  type    = bool
  default = false # expect: certificate-wait-disabled
}
