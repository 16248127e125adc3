resource "aws_secretsmanager_secret" "key" {
  name = "key"
}

resource "aws_secretsmanager_secret_version" "key" {
  secret_id     = aws_secretsmanager_secret.key.id
  secret_string = jsonencode({ username = "app", password = "REPLACE_ME" })

  lifecycle {
    ignore_changes = [secret_string]
  }
}
