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

import { # expect: secret-version-imported
  to = aws_secretsmanager_secret_version.stripe
  id = "arn:aws:secretsmanager:us-east-1:123456789012:secret:acme-stripe-AbCdEf|3f0c2a1e-5c1d-4c8e-9a8f-2b7d1e6f4a90"
}
