resource "aws_ecs_task_definition" "web" {
  family = "web"
  container_definitions = jsonencode([{ # expect: secret-in-state
    name        = "web"
    image       = "web:1"
    environment = [{ name = "PAYMENTS", value = "sk_test_51MadeUp7qK2vX9bT4nL0wZc" }] # expect: plaintext-container-secret, secret-literal
  }])
}
