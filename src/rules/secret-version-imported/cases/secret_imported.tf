resource "aws_secretsmanager_secret" "stripe" {
  name = "acme-stripe"
}

resource "aws_secretsmanager_secret_version" "stripe" {
  secret_id     = aws_secretsmanager_secret.stripe.id
  secret_string = "REPLACE_ME"

  lifecycle {
    ignore_changes = [secret_string]
  }
}

# The secret itself holds no value.
import {
  to = aws_secretsmanager_secret.stripe
  id = "arn:aws:secretsmanager:us-east-1:123456789012:secret:acme-stripe-AbCdEf"
}
