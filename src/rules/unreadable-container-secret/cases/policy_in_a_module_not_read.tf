resource "aws_secretsmanager_secret" "jwt" {
  name = "jwt"
}

resource "aws_iam_role" "execution" {
  name = "execution"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
    }]
  })
}

module "permissions" {
  source  = "example/permissions/aws" # expect-undecided: module-not-read
  role    = aws_iam_role.execution.name
  secrets = [aws_secretsmanager_secret.jwt.arn]
}

resource "aws_ecs_task_definition" "worker" {
  family             = "worker"
  execution_role_arn = aws_iam_role.execution.arn

  container_definitions = jsonencode([{
    name    = "worker"
    image   = "example/worker:1"
    secrets = [{ name = "JWT_SECRET", valueFrom = aws_secretsmanager_secret.jwt.arn }] # expect-undecided: unreadable-container-secret
  }])
}
