variable "kind" {
  type = string
}

# The provider reads the value again with every refresh, whatever is ignored.
resource "aws_ssm_parameter" "ignored" {
  name  = "/acme/dsn"
  type  = "SecureString"
  value = "REPLACE_ME" # expect: secret-in-state

  lifecycle {
    ignore_changes = [value]
  }
}

resource "aws_ssm_parameter" "perhaps" {
  name  = "/acme/perhaps"
  type  = var.kind
  value = "REPLACE_ME" # expect-undecided: secret-in-state
}

resource "aws_ssm_parameter" "plain" {
  name  = "/acme/mode"
  type  = "String"
  value = "REPLACE_ME"
}

resource "aws_ssm_parameter" "write_only" {
  name             = "/acme/written"
  type             = "SecureString"
  value_wo         = "REPLACE_ME"
  value_wo_version = 1
}

# A version reads itself, and not the one that is put after it.
resource "aws_secretsmanager_secret" "key" {
  name = "key"
}

resource "aws_secretsmanager_secret_version" "key" {
  secret_id     = aws_secretsmanager_secret.key.id
  secret_string = "REPLACE_ME"

  lifecycle {
    ignore_changes = [secret_string]
  }
}
