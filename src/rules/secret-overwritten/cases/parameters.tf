resource "aws_ssm_parameter" "dsn" {
  name  = "/acme/dsn"
  type  = "SecureString"
  value = "CHANGE_ME" # expect: secret-overwritten, secret-in-state
}

resource "aws_ssm_parameter" "kept" {
  name  = "/acme/kept"
  type  = "SecureString"
  value = "CHANGE_ME" # expect: secret-in-state

  lifecycle {
    ignore_changes = [value]
  }
}

# No secret: whoever changes it changes it here.
resource "aws_ssm_parameter" "mode" {
  name  = "/acme/mode"
  type  = "String"
  value = "none"
}
