variable "sites" {
  type = list(object({ force_http_forwarding = optional(bool, false) }))
  default = [
    { force_http_forwarding = false },
    { force_http_forwarding = true }, # expect: emergency-http-forwarding
  ]
}

variable "by_name" {
  type = map(object({ force_http_forwarding = optional(bool, false) }))
  default = {
    api = {}
    web = { force_http_forwarding = true } # expect: emergency-http-forwarding
  }
}

variable "open" { # expect-undecided: emergency-http-forwarding
  type = map(object({ force_http_forwarding = optional(bool, false) }))
}

variable "none" {
  type    = list(object({ force_http_forwarding = optional(bool, false) }))
  default = []
}
