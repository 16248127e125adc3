variable "wait_for_certificate_validation" {
  type    = bool
  default = "true"
}
