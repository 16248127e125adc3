variable "tasks" {
  type = number
}

variable "target_group" {
  type = string
}

variable "role" {
  type = string
}

variable "secret" {
  type = string
}

resource "aws_ecs_task_definition" "api" {
  family = "api"
  execution_role_arn = var.role

  container_definitions = jsonencode([{
    name         = "api"
    image        = "example/api:1"
    portMappings = [{ containerPort = 8000 }]

    secrets = [
      { name = "STRIPE_SECRET_KEY", valueFrom = var.secret },
      { name = "STRIPE_WEBHOOK_SECRET", valueFrom = var.secret },
    ]
  }])
}

resource "aws_ecs_service" "api" {
  name            = "api"
  cluster         = "main"
  task_definition = aws_ecs_task_definition.api.arn
  desired_count   = var.tasks

  load_balancer {
    target_group_arn = var.target_group
    container_name   = "api"
    container_port   = 8000
  }
}
