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
    name  = "api"
    image = "api:1"
    secrets = [
      { name = "STRIPE_SECRET_KEY", valueFrom = aws_secretsmanager_secret.key.arn },
      { name = "STRIPE_WEBHOOK_SECRET", valueFrom = "${aws_secretsmanager_secret.hook.arn}:KEY::" },
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

resource "aws_ecs_task_definition" "search" {
  family = "search"
  container_definitions = jsonencode([{
    name  = "search-api"
    image = "search:1"
  }])
}
