resource "aws_kms_key" "secrets" {
  description = "secrets"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "kms:*"
      Resource  = "*"
      Principal = { AWS = "arn:aws:iam::123456789012:root" }
      Condition = { StringEquals = { "kms:ViaService" = "rds.eu-west-1.amazonaws.com" } }
    }]
  })
}

resource "aws_secretsmanager_secret" "stripe" {
  name       = "acme/stripe"
  kms_key_id = aws_kms_key.secrets.arn
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
    Statement = [
      {
        Effect   = "Allow"
        Action   = "secretsmanager:GetSecretValue"
        Resource = aws_secretsmanager_secret.stripe.arn
      },
      {
        Effect   = "Allow"
        Action   = "kms:Decrypt"
        Resource = aws_kms_key.secrets.arn
      },
    ]
  })
}

resource "aws_ecs_task_definition" "api" {
  family             = "api"
  execution_role_arn = aws_iam_role.execution.arn
  container_definitions = jsonencode([{
    name  = "api"
    image = "api:1"
    secrets = [
      { name = "SESSION_KEY", valueFrom = aws_secretsmanager_secret.stripe.arn }, # expect: unreadable-container-secret
    ]
  }])
}
