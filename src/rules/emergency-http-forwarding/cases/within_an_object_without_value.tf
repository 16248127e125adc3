variable "settings" { # expect-undecided: emergency-http-forwarding
  type = object({ force_http_forwarding = bool })
}
