variable "wait_for_certificate_validation" { # expect-undecided: certificate-wait-disabled
  type = bool
}
