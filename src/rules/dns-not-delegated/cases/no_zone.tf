variable "dns_delegated" {
  default = true
}

variable "enable_route53" {
  default = false # expect: dns-not-delegated
}

variable "enable_acm" {
  default = true
}
