# environment: dev
variable "dns_delegated" {
  default = false
}
