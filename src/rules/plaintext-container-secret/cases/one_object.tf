resource "aws_ecs_task_definition" "api" {
  family                = "api"
  container_definitions = jsonencode({ name = "api", image = "example/api:1" }) # expect: plaintext-container-secret
}
