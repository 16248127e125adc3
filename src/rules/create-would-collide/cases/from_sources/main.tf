# Sources do not tell what Terraform manages already.
resource "aws_secretsmanager_secret" "stripe" {
  name = "acme-stripe" # expect-undecided: create-would-collide
}

resource "aws_secretsmanager_secret" "new" {
  name = "acme-new"
}

import {
  to = aws_secretsmanager_secret.old
  id = "arn:aws:secretsmanager:us-east-1:123456789012:secret:acme-old-XyZaBc"
}

resource "aws_secretsmanager_secret" "old" {
  name = "acme-old"
}
