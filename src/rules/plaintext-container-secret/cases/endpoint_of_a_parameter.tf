data "aws_ssm_parameter" "endpoint" {
  name = "/acme/database/endpoint"
}

data "aws_ssm_parameter" "mode" { # expect-undecided: secret-in-state
  name = "/acme/api/mode"
}

resource "aws_ecs_task_definition" "api" {
  family = "api"
  container_definitions = jsonencode([{
    name  = "api"
    image = "api:1"
    environment = [
      { name = "DB_HOST", value = data.aws_ssm_parameter.endpoint.value },
      { name = "MODE", value = data.aws_ssm_parameter.mode.value }, # expect-undecided: plaintext-container-secret
    ]
  }])
}
