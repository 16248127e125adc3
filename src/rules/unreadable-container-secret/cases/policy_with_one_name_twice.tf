resource "aws_secretsmanager_secret" "stripe" {
  name = "acme/stripe"
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
      Sid      = "Read"
      Effect   = "Allow"
      Action   = "secretsmanager:GetSecretValue"
      Resource = aws_secretsmanager_secret.stripe.arn
      }, {
      Sid      = "Read" # expect: unreadable-container-secret
      Effect   = "Allow"
      Action   = "logs:PutLogEvents"
      Resource = "*"
    }]
  })
}

resource "aws_ecs_task_definition" "api" {
  family             = "api"
  execution_role_arn = aws_iam_role.execution.arn
  container_definitions = jsonencode([{
    name  = "api"
    image = "api:1"
    secrets = [
      { name = "SESSION_KEY", valueFrom = aws_secretsmanager_secret.stripe.arn },
    ]
  }])
}
