variable "window" {
  type    = string
  default = "0" # expect: unprotected-secret
}

resource "aws_secretsmanager_secret" "stripe" {
  name                    = "acme-stripe"
  recovery_window_in_days = var.window

  lifecycle {
    prevent_destroy = false
  }
}
