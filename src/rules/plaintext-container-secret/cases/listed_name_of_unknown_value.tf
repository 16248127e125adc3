variable "key" {
  type = string
}

resource "aws_ecs_task_definition" "web" {
  family = "web"
  container_definitions = jsonencode([{
    name  = "web"
    image = "web:1"
    environment = [
      { name = "SESSION_SECRET", value = var.key }, # expect: plaintext-container-secret
    ]
  }])
}
