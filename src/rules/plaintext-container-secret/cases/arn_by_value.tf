resource "aws_secretsmanager_secret" "stripe" {
  name = "stripe"
}

resource "aws_ecs_task_definition" "worker" {
  family = "worker"
  container_definitions = jsonencode([{ # expect: missing-container-secret
    name = "worker"
    environment = [
      { name = "STRIPE_SECRET_KEY", value = aws_secretsmanager_secret.stripe.arn },                                        # expect: plaintext-container-secret
      { name = "STRIPE_WEBHOOK_SECRET", value = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:stripe-webhook-Ab1Cd2" }, # expect: plaintext-container-secret
      { name = "PAYMENTS_SECRET", value = aws_secretsmanager_secret.stripe.arn },
    ]
  }])
}
