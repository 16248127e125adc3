resource "aws_secretsmanager_secret" "stripe" {
  name                    = "acme-stripe"
  recovery_window_in_days = 5 # expect: unprotected-secret
}
