resource "aws_secretsmanager_secret" "stripe" {
  name = "acme-stripe"
}

resource "aws_secretsmanager_secret_version" "stripe" {
  secret_id     = aws_secretsmanager_secret.stripe.id
  secret_string = "REPLACE_ME" # expect: secret-overwritten

  lifecycle {
    ignore_changes       = [secret_string]
    replace_triggered_by = [terraform_data.release]
  }
}

resource "terraform_data" "release" {
  input = "1"
}
