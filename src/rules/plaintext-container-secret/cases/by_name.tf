resource "aws_ecs_task_definition" "web" {
  family = "web"
  container_definitions = jsonencode([{
    name  = "web"
    image = "web:1"
    environment = [
      { name = "LOG_LEVEL", value = "info" },
      { name = "SMTP_PASSWORD", value = "Tr0ub4dor" }, # expect: plaintext-container-secret
    ]
  }])
}
