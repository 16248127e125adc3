resource "aws_secretsmanager_secret" "stripe" {
  name = "stripe"
}

resource "aws_iam_role" "execution" {
  name = "execution"
  assume_role_policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }]
  })
}

resource "aws_iam_role_policy" "secrets" {
  role = aws_iam_role.execution.name
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = "secretsmanager:GetSecretValue", Resource = aws_secretsmanager_secret.stripe.arn }]
  })
}

resource "aws_ecs_task_definition" "api" {
  family             = "api"
  execution_role_arn = aws_iam_role.execution.arn
  container_definitions = jsonencode([{
    name = "api"
    environment = [
      { name = "LOG_LEVEL", value = "info" },
      { name = "LOG_LEVEL", value = "debug" },
      { name = "PAYMENT_KEY", value = "" }, # expect: plaintext-container-secret
    ]
    secrets = [{ name = "PAYMENT_KEY", valueFrom = aws_secretsmanager_secret.stripe.arn }]
  }])
}
