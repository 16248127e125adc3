variable "force_http_forwarding" { # expect-undecided: emergency-http-forwarding
  type = bool
}
