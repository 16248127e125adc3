resource "aws_secretsmanager_secret" "stripe" {
  name = "acme-stripe"
}

resource "aws_secretsmanager_secret" "jwt" {
  name                    = "acme-jwt"
  recovery_window_in_days = 7
}
