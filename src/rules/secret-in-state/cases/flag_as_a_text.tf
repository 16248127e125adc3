# Whether there is a password is no password, also where it has no value yet.
variable "password" {
  type      = string
  sensitive = true
}

resource "aws_sqs_queue" "flag" {
  name = "acme"
  tags = { has_password = tostring(var.password != ""), protected = "is-${var.password != ""}" }
}
