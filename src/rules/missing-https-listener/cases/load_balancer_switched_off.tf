variable "force_http_forwarding" {
  type    = bool
  default = false
}

resource "aws_lb" "main" {
  count    = 0 # expect: missing-https-listener
  name     = "main"
  internal = false
}
