# var: values={"OPTIONS":"made-up-5f0c1d7e9a2b"}
variable "values" {
  type      = map(string)
  sensitive = true
}

resource "aws_ecr_repository" "web" {
  name = "web"
}

resource "aws_ecs_task_definition" "web" {
  family = "web"
  container_definitions = jsonencode([{ # expect: plaintext-container-secret
    name        = "web"
    image       = aws_ecr_repository.web.repository_url
    environment = [for name, value in merge({ MODE = "live" }, var.values) : { name = name, value = value }] # expect: secret-in-state
  }])
}
