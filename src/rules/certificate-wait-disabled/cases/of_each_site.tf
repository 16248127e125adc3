variable "sites" {
  type = map(object({
    enable_acm                      = bool
    wait_for_certificate_validation = bool
  }))
  default = {
    plain  = { enable_acm = false, wait_for_certificate_validation = false }
    secure = { enable_acm = true, wait_for_certificate_validation = false } # expect: certificate-wait-disabled
  }
}
