data "terraform_remote_state" "data" {
  backend = "s3"
  config  = { bucket = "acme-state", key = "data", region = "eu-central-1" }
}

data "external" "this" {
  program = ["pass", "show", "acme"]
}

data "vault_generic_secret" "this" { # expect: secret-in-state
  path = "secret/acme"
}

data "aws_ssm_parameter" "this" { # expect-undecided: secret-in-state
  name = "acme"
}

data "aws_db_instance" "this" {
  db_instance_identifier = "acme"
}

resource "aws_ecs_task_definition" "api" {
  family = "api"
  container_definitions = jsonencode([{
    name  = "api"
    image = "api:1"
    environment = [
      { name = "DB_PASSWORD", value = data.terraform_remote_state.data.outputs.password },     # expect-undecided: plaintext-container-secret
      { name = "API_TOKEN", value = data.external.this.result.token },                         # expect-undecided: plaintext-container-secret
      { name = "SESSION_KEY", value = data.vault_generic_secret.this.data["key"] },            # expect: plaintext-container-secret, secret-in-state
      { name = "REGION_NAME", value = data.aws_ssm_parameter.this.value },                     # expect-undecided: plaintext-container-secret
      { name = "DATABASE", value = data.terraform_remote_state.data.outputs.database },
      { name = "SERVICE_TOKEN", value = data.aws_db_instance.this.endpoint },
    ]
  }])
}
