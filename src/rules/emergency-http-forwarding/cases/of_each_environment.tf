# environment: prod
variable "others" {
  type    = map(object({ force_http_forwarding = optional(bool, false) }))
  default = { dev = { force_http_forwarding = true } }
}

variable "all" {
  type = map(object({ force_http_forwarding = optional(bool, false) }))
  default = {
    dev  = { force_http_forwarding = false }
    prod = { force_http_forwarding = true } # expect: emergency-http-forwarding
  }
}

variable "listed" {
  type = list(object({ name = string, force_http_forwarding = bool }))
  default = [
    { name = "dev", force_http_forwarding = true },
    { name = "prod", force_http_forwarding = true }, # expect: emergency-http-forwarding
  ]
}

variable "listed_of_another" {
  type = list(object({ name = string, force_http_forwarding = bool }))
  default = [
    { name = "dev", force_http_forwarding = true },
    { name = "prod", force_http_forwarding = false },
  ]
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
