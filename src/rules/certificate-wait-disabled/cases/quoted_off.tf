variable "wait_for_certificate_validation" {
  default = "false" # expect: certificate-wait-disabled
}
