resource "aws_secretsmanager_secret" "stripe" {
  name                    = "acme-stripe"
  recovery_window_in_days = 5 # expect: unprotected-secret
}

resource "aws_secretsmanager_secret" "session" {
  name                    = "acme-session"
  recovery_window_in_days = 7.5 # expect: unprotected-secret
}
