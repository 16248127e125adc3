variable "value" {
  type = string
}

resource "aws_ecs_task_definition" "web" {
  family = "web"
  container_definitions = jsonencode([{
    name  = "web"
    image = "web:1"
    environment = [
      { name = "UPSTREAM_TOKEN", value = var.value }, # expect-undecided: plaintext-container-secret
    ]
  }])
}
