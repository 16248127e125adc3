resource "aws_ssm_parameter" "stripe" {
  name             = "/acme/stripe"
  type             = "SecureString"
  value_wo         = "REPLACE_ME"
  value_wo_version = 1
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
      Action   = "ssm:GetParameters"
      Resource = aws_ssm_parameter.stripe.arn
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
      { name = "SESSION_KEY", valueFrom = "arn:aws:ssm:us-east-1:123456789012:parameter/${aws_ssm_parameter.stripe.name}" }, # expect: unreadable-container-secret
    ]
  }])
}
