resource "aws_secretsmanager_secret" "stripe" {
  name                    = "acme-stripe"
  recovery_window_in_days = 0

  lifecycle {
    prevent_destroy = true
  }
}
