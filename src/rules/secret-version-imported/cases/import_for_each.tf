locals {
  versions = { stripe = "arn:aws:secretsmanager:us-east-1:123456789012:secret:acme-stripe-AbCdEf|3f0c2a1e" }
}

resource "aws_secretsmanager_secret" "stripe" {
  name = "acme-stripe"
}

resource "aws_secretsmanager_secret_version" "stripe" {
  for_each = local.versions

  secret_id     = aws_secretsmanager_secret.stripe.id
  secret_string = "REPLACE_ME"

  lifecycle {
    ignore_changes = [secret_string]
  }
}

import { # expect: secret-version-imported
  for_each = local.versions
  to       = aws_secretsmanager_secret_version.stripe[each.key]
  id       = each.value
}
