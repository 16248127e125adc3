variable "dns_delegated" {
  type    = bool
  default = false # expect: dns-not-delegated
}
