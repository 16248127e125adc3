data "aws_ssm_parameter" "arn" {
  name = "/acme/stripe/secret_arn"
}

resource "aws_iam_role" "execution" {
  name               = "acme-execution"
  assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }] })
}

resource "aws_ecs_task_definition" "api" {
  family             = "api"
  execution_role_arn = aws_iam_role.execution.arn
  container_definitions = jsonencode([{ # expect-undecided: unreadable-container-secret
    name  = "api"
    image = "api:1"
    secrets = [
      { name = "SESSION_KEY", valueFrom = data.aws_ssm_parameter.arn.value },
    ]
  }])
}
