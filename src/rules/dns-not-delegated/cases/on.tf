variable "dns_delegated" {
  default = "1"
}

variable "enable_route53" {
  default = true
}
