# A container called api without any of the secrets: nothing here takes payments.
resource "aws_ecs_task_definition" "api" {
  family                = "api"
  container_definitions = jsonencode([{ name = "api", image = "api:1" }])
}
