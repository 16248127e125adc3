locals {
  names = toset(["jwt", "csrf"])
}

resource "aws_secretsmanager_secret" "all" {
  for_each = local.names
  name     = "acme/${each.key}"
}

resource "aws_iam_role" "execution" {
  name               = "acme-execution"
  assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }] })
}

resource "aws_iam_role_policy" "secrets" {
  name = "secrets"
  role = aws_iam_role.execution.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = "secretsmanager:GetSecretValue"
      Resource = [for secret in aws_secretsmanager_secret.all : secret.arn]
    }]
  })
}

resource "aws_ecs_task_definition" "api" {
  family             = "api"
  execution_role_arn = aws_iam_role.execution.arn
  container_definitions = jsonencode([{
    name    = "api"
    image   = "api:1"
    secrets = [for name, secret in aws_secretsmanager_secret.all : { name = upper(name), valueFrom = secret.arn }]
  }])
}
