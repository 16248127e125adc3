variable "given" {
  type      = map(string)
  sensitive = true
  default   = {}
}

variable "salt" {
  type      = string
  sensitive = true
  default   = null
}

locals {
  later = { api_url = "https://api.example.com", api_token = "replace-me" }
}

resource "aws_secretsmanager_secret" "external" {
  name = "external"
}

resource "aws_secretsmanager_secret_version" "external" {
  secret_id     = aws_secretsmanager_secret.external.id
  secret_string = jsonencode({ for name, value in local.later : name => lookup(var.given, name, value) })

  lifecycle {
    ignore_changes = [secret_string]
  }
}

resource "aws_ssm_parameter" "salt" {
  name  = "salt"
  type  = "SecureString"
  value = coalesce(var.salt, "replace-me") # expect: secret-in-state

  lifecycle {
    ignore_changes = [value]
  }
}
