resource "aws_secretsmanager_secret" "stripe" {
  name = "acme-stripe"
}

variable "stripe_value" {
  type    = string
  default = "placeholder"
}

resource "aws_secretsmanager_secret_version" "stripe" {
  secret_id     = aws_secretsmanager_secret.stripe.id
  secret_string = var.stripe_value # expect: secret-overwritten
}
