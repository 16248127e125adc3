# git: init -q
# git: add .
# environment: dev
variable "user" {
  type = string
}

variable "db_password" {
  type = string
}

resource "aws_secretsmanager_secret" "stripe" {
  name = "acme-stripe"
}

resource "aws_secretsmanager_secret_version" "stripe" {
  secret_id                = aws_secretsmanager_secret.stripe.id
  secret_string_wo         = "${var.user}:${var.db_password}"
  secret_string_wo_version = 1
}
