variable "window" {
  type    = string
  default = "0"
}

resource "aws_secretsmanager_secret" "stripe" {
  name                    = "acme-stripe"
  recovery_window_in_days = var.window # expect: unprotected-secret

  lifecycle {
    prevent_destroy = false
  }
}
