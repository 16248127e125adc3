variable "force_http_forwarding" {
  type     = bool
  default  = false
  nullable = false
}
