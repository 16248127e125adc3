locals {
  names    = toset(["jwt", "stripe"])
  versions = { stripe = "arn:aws:secretsmanager:us-east-1:123456789012:secret:acme-stripe-AbCdEf|3f0c2a1e" }
}

resource "aws_secretsmanager_secret" "all" {
  for_each = local.names
  name     = "acme-${each.key}"
}

resource "aws_secretsmanager_secret_version" "all" {
  for_each = local.names

  secret_id     = aws_secretsmanager_secret.all[each.key].id
  secret_string = "REPLACE_ME"

  lifecycle {
    ignore_changes = [secret_string]
  }
}

# The one of jwt is not meant.
import { # expect: secret-version-imported
  for_each = local.versions
  to       = aws_secretsmanager_secret_version.all[each.key]
  id       = each.value
}
