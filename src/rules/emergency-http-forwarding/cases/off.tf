# var: force_http_forwarding=0
variable "force_http_forwarding" {
  type    = bool
  default = true
}
