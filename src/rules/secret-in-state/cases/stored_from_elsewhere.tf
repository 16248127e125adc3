data "terraform_remote_state" "data" {
  backend = "s3"
  config  = { bucket = "acme-state", key = "data", region = "eu-central-1" }
}

resource "aws_secretsmanager_secret" "api" {
  name = "acme/api"
}

resource "aws_secretsmanager_secret_version" "whole" {
  secret_id     = aws_secretsmanager_secret.api.id
  secret_string = data.terraform_remote_state.data.outputs.key # expect-undecided: secret-in-state
}

resource "aws_secretsmanager_secret_version" "members" {
  secret_id = aws_secretsmanager_secret.api.id
  secret_string = jsonencode({ # expect-undecided: secret-in-state
    host     = data.terraform_remote_state.data.outputs.host
    password = data.terraform_remote_state.data.outputs.password
  })
}

resource "aws_secretsmanager_secret_version" "only_a_host" {
  secret_id     = aws_secretsmanager_secret.api.id
  secret_string = jsonencode({ host = data.terraform_remote_state.data.outputs.host })
}
