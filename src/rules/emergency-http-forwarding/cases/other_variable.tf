variable "force_https_forwarding" {
  type    = bool
  default = true
}
