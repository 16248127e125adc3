resource "aws_secretsmanager_secret" "stripe" {
  name = "acme-stripe"
}
