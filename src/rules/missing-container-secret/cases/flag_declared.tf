variable "dns_delegated" {
  default = true
}

resource "aws_ecs_task_definition" "api" {
  family                = "api"
  container_definitions = jsonencode([{ name = "api", image = "api:1" }]) # expect: missing-container-secret
}
