variable "token" {
  type      = string
  sensitive = true
}

resource "aws_ecs_task_definition" "agent" {
  family = "agent"
  container_definitions = jsonencode([{
    name    = "agent"
    image   = "agent:1"
    command = ["--token", var.token] # expect: plaintext-container-secret, secret-in-state
  }])
}
