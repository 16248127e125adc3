resource "aws_secretsmanager_secret" "stripe" {
  name = "acme-stripe"
}

resource "aws_secretsmanager_secret_version" "stripe" {
  secret_id     = aws_secretsmanager_secret.stripe.id
  secret_string = "REPLACE_ME"

  lifecycle {
    ignore_changes       = [secret_string]
    replace_triggered_by = [aws_secretsmanager_secret.stripe.id]
  }
}
