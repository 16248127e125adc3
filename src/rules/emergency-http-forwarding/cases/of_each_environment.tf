# environment: prod
variable "others" {
  type    = map(object({ force_http_forwarding = optional(bool, false) }))
  default = { dev = { force_http_forwarding = true } }
}

variable "all" {
  type = map(object({ force_http_forwarding = optional(bool, false) }))
  default = { # expect: emergency-http-forwarding
    dev  = { force_http_forwarding = false }
    prod = { force_http_forwarding = true }
  }
}

variable "settings" {
  type = object({
    dev  = object({ force_http_forwarding = bool })
    prod = object({ force_http_forwarding = bool })
  })
  default = {
    dev  = { force_http_forwarding = true }
    prod = { force_http_forwarding = false }
  }
}
