variable "dns_delegated" { # expect-undecided: dns-not-delegated
  type = bool
}
