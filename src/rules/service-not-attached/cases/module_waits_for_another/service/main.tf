variable "target_group_arn" {
  type = string
}

resource "aws_ecs_task_definition" "api" {
  family = "api"

  container_definitions = jsonencode([{
    name         = "api"
    image        = "example/api:1"
    portMappings = [{ containerPort = 8000 }]
  }])
}

resource "aws_ecs_service" "api" {
  name            = "api"
  cluster         = "main"
  task_definition = aws_ecs_task_definition.api.arn
  desired_count   = 1

  load_balancer {
    target_group_arn = var.target_group_arn
    container_name   = "api"
    container_port   = 8000
  }
}
