variable "enable_acm" {
  default = false
}

variable "wait_for_certificate_validation" {
  type    = bool
  default = false
}
