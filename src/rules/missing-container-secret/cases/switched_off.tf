variable "force_http_forwarding" {
  type    = bool
  default = false
}

variable "services" {
  type    = bool
  default = false
}

resource "aws_ecs_task_definition" "api" {
  count = var.services ? 1 : 0 # expect: missing-container-secret

  family = "api"
  container_definitions = jsonencode([{
    name  = "api"
    image = "api:1"
  }])
}
