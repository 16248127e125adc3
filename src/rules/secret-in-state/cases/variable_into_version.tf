variable "key" {
  type      = string
  sensitive = true
}

resource "aws_secretsmanager_secret" "key" {
  name = "key"
}

resource "aws_secretsmanager_secret_version" "key" {
  secret_id     = aws_secretsmanager_secret.key.id
  secret_string = jsonencode({ key = var.key }) # expect: secret-in-state

  lifecycle {
    ignore_changes = [secret_string]
  }
}
