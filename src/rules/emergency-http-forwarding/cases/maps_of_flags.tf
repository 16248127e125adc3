# environment: prod
variable "features" {
  type    = map(bool)
  default = { force_http_forwarding = true } # expect: emergency-http-forwarding
}

variable "by_environment" {
  type = map(map(bool))
  default = {
    dev  = { force_http_forwarding = false }
    prod = { force_http_forwarding = true } # expect: emergency-http-forwarding
  }
}

variable "texts" {
  type    = map(string)
  default = { force_http_forwarding = "true" } # expect: emergency-http-forwarding
}

variable "off" {
  type    = map(bool)
  default = { force_http_forwarding = false }
}

variable "descriptions" {
  type    = map(string)
  default = { force_http_forwarding = "serves plain HTTP while HTTPS is blocked" }
}
