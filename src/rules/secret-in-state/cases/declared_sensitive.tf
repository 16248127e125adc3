resource "aws_ssm_parameter" "literal" {
  name  = "/acme/upstream"
  type  = "String"
  value = sensitive("violin-tomato-91") # expect: secret-in-state
}

locals {
  upstream = sensitive({ host = "a.example.com", user = "violin-tomato-91" })
}

resource "aws_sqs_queue" "tags" {
  name = "acme"
  tags = { upstream = nonsensitive(local.upstream.user) } # expect: secret-in-state
}

variable "flag" {
  type      = bool
  sensitive = true
  default   = true
}

variable "network" {
  type      = string
  sensitive = true
  default   = "10.1.0.0/16"
}

resource "aws_vpc" "network" {
  cidr_block = var.network
  tags       = { flag = var.flag }
}

# Somebody's address, the number of an account, what stands in for a secret, an ARN, a host.
resource "terraform_data" "harmless" {
  input = [
    sensitive("ops@example.com"),
    sensitive("123456789012"),
    sensitive("REPLACE_ME"),
    sensitive("arn:aws:iam::123456789012:role/acme"),
    sensitive("disabled"),
    local.upstream.host,
    sensitive(aws_sqs_queue.tags.url),
  ]
}

resource "random_string" "drawn" {
  length = 32
}

resource "aws_sqs_queue" "drawn" {
  name = "drawn"
  tags = { upstream = sensitive(random_string.drawn.result) } # expect: secret-in-state
}
