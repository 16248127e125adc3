resource "aws_ssm_parameter" "key" {
  name  = "/app/key"
  type  = "SecureString"
  value = "Tr0ub4dor-and-3" # expect: secret-in-state
}

resource "aws_ssm_parameter" "plain" {
  name  = "/app/mode"
  type  = "String"
  value = "fast"
}
