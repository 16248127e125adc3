data "aws_ssm_parameter" "hook" { # expect-undecided: secret-in-state
  name = "/stripe/hook"
}
