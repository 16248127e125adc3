resource "aws_secretsmanager_secret" "key" {
  name = "stripe-secret-key"
}

resource "aws_secretsmanager_secret" "hook" {
  name = "stripe-webhook-secret"
}

resource "aws_ecs_task_definition" "api" {
  family                = "api"
  execution_role_arn    = aws_iam_role.execution.arn
  container_definitions = jsonencode([{
    name  = "acme-prod-api"
    image = "api:1"
    secrets = [ # expect: missing-container-secret
      { name = "STRIPE_WEBHOOK_SECRET", valueFrom = aws_secretsmanager_secret.hook.arn },
    ]
  }])
}

resource "aws_iam_role" "execution" {
  name               = "execution"
  assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }] })
  managed_policy_arns = [
    "arn:aws:iam::aws:policy/AmazonSSMReadOnlyAccess",
    "arn:aws:iam::aws:policy/SecretsManagerReadWrite",
  ]
}
