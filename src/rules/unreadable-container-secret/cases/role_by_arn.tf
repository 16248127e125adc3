resource "aws_secretsmanager_secret" "stripe" {
  name = "acme/stripe"
}

resource "aws_ecs_task_definition" "api" {
  family             = "api"
  execution_role_arn = "arn:aws:iam::123456789012:role/ecsTaskExecutionRole"
  container_definitions = jsonencode([{
    name  = "api"
    image = "api:1"
    secrets = [
      { name = "SESSION_KEY", valueFrom = aws_secretsmanager_secret.stripe.arn }, # expect-undecided: unreadable-container-secret
    ]
  }])
}
