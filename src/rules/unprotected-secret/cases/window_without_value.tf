variable "window" {
  type = number
}

resource "aws_secretsmanager_secret" "stripe" {
  name                    = "acme-stripe"
  recovery_window_in_days = var.window # expect-undecided: unprotected-secret
}

resource "aws_secretsmanager_secret" "jwt" {
  name                    = "acme-jwt"
  recovery_window_in_days = var.window

  lifecycle {
    prevent_destroy = true
  }
}
