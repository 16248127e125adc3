variable "key" {
  type      = string
  sensitive = true
  default   = "Tr0ub4dor-and-3" # expect: secret-literal
}

resource "aws_ecs_task_definition" "web" {
  family = "web"
  container_definitions = jsonencode([{
    name        = "web"
    image       = "web:1"
    environment = [{ name = "MODE", value = false ? var.key : "plain" }]
  }])
}
