# git: init -q
# git: add .
# environment: dev
variable "stripe" {
  type = string
}

variable "prefix" {
  type = string
}

resource "aws_secretsmanager_secret" "stripe" {
  name = "${var.prefix}-stripe"
}

resource "aws_secretsmanager_secret_version" "stripe" {
  secret_id                = aws_secretsmanager_secret.stripe.id
  secret_string_wo         = var.stripe
  secret_string_wo_version = 1
}
