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

resource "aws_secretsmanager_secret_version" "other" {
  secret_id                = aws_secretsmanager_secret.stripe.id
  secret_string_wo         = "REPLACE_ME"
  secret_string_wo_version = 1
}

import { # expect: secret-version-imported
  to = aws_secretsmanager_secret_version.other
  id = "arn:aws:secretsmanager:us-east-1:123456789012:secret:acme-stripe-AbCdEf|3f0c2a1e"
}
