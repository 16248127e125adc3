resource "aws_secretsmanager_secret" "stripe" {
  name = "acme/stripe"
}

resource "aws_ecs_task_definition" "api" {
  family             = "api"
  execution_role_arn = "" # expect: unreadable-container-secret
  container_definitions = jsonencode([{
    name  = "api"
    image = "api:1"
    secrets = [
      { name = "SESSION_KEY", valueFrom = aws_secretsmanager_secret.stripe.arn },
    ]
  }])
}
