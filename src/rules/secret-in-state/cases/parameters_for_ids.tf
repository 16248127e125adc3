data "aws_ssm_parameter" "vpc" {
  name = "/acme/network/vpc_id"
}

data "aws_ssm_parameter" "subnets" {
  name = "/acme/network/private_subnets"
}

# Asked once, not wherever the value goes.
data "aws_ssm_parameter" "group" { # expect-undecided: secret-in-state
  name = "/acme/network/group"
}

# The id of a secret in Vault opens it.
data "aws_ssm_parameter" "vault" { # expect-undecided: secret-in-state
  name = "/acme/vault/secret_id"
}

resource "aws_security_group" "api" {
  name        = "api"
  vpc_id      = data.aws_ssm_parameter.vpc.value
  description = data.aws_ssm_parameter.group.value
}

output "subnets" {
  value     = split(",", data.aws_ssm_parameter.subnets.value)
  sensitive = true
}
