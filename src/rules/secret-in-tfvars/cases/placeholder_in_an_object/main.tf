# git: init -q
# git: add .
# environment: dev
variable "database" {
  type = object({ host = string, password = string })
}

resource "aws_secretsmanager_secret" "stripe" {
  name = "acme-stripe"
}

resource "aws_secretsmanager_secret_version" "stripe" {
  secret_id                = aws_secretsmanager_secret.stripe.id
  secret_string_wo         = jsonencode({ host = var.database.host, password = var.database.password })
  secret_string_wo_version = 1
}
