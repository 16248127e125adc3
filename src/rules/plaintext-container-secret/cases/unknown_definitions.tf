variable "definitions" {
  type = string
}

resource "aws_ecs_task_definition" "web" {
  family                = "web"
  container_definitions = var.definitions # expect-undecided: plaintext-container-secret, unreadable-container-secret
}
