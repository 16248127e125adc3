variable "enable_acm" {
  type = bool
}

variable "wait_for_certificate_validation" {
  default = false # expect-undecided: certificate-wait-disabled
}
