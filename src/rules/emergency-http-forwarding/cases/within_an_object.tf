variable "settings" {
  type = object({
    load_balancer = object({ force_http_forwarding = optional(bool, false) })
  })
  default = {
    load_balancer = { force_http_forwarding = true } # expect: emergency-http-forwarding
  }
}
