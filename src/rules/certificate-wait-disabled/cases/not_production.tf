# environment: staging
variable "wait_for_certificate_validation" {
  default = false
}
