variable "force_http_forwarding" {
  type    = bool
  default = false
}

module "api" {
  source = "example/service/aws" # expect-undecided: module-not-read
  name   = "api"
}

resource "aws_ecs_task_definition" "worker" {
  family = "worker"

  container_definitions = jsonencode([{ # expect-undecided: missing-container-secret
    name  = "worker"
    image = "example/worker:1"
  }])
}
