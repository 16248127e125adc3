variable "sites" {
  type = list(object({ force_http_forwarding = optional(bool, false) }))
  default = [ # expect: emergency-http-forwarding
    { force_http_forwarding = false },
    { force_http_forwarding = true },
  ]
}

variable "by_name" {
  type = map(object({ force_http_forwarding = optional(bool, false) }))
  default = { # expect: emergency-http-forwarding
    api = {}
    web = { force_http_forwarding = true }
  }
}

variable "open" { # expect-undecided: emergency-http-forwarding
  type = map(object({ force_http_forwarding = optional(bool, false) }))
}

variable "none" {
  type    = list(object({ force_http_forwarding = optional(bool, false) }))
  default = []
}
