locals {
  names = toset(["jwt", "stripe"])
}

resource "aws_secretsmanager_secret" "all" {
  for_each = local.names
  name     = "acme-${each.key}"
}

resource "aws_secretsmanager_secret_version" "all" {
  for_each = local.names

  secret_id                = aws_secretsmanager_secret.all[each.key].id
  secret_string_wo         = "REPLACE_ME"
  secret_string_wo_version = 1
}

import { # expect: secret-version-imported
  to = aws_secretsmanager_secret_version.all["stripe"]
  id = "arn:aws:secretsmanager:us-east-1:123456789012:secret:acme-stripe-AbCdEf|3f0c2a1e"
}
