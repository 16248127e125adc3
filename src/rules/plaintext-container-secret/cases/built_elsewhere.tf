variable "key" {
  type      = string
  sensitive = true
  default   = "Tr0ub4dor-and-3" # expect: secret-literal
}

variable "debug" {
  type    = bool
  default = true
}

locals {
  settings = merge({ LOG_LEVEL = "info" }, var.debug ? { DEBUG_SINK = var.key } : {})
}

resource "aws_ecs_task_definition" "web" {
  family                = "web"
  container_definitions = jsonencode([{ name = "web", image = "web:1", environment = [for name, value in local.settings : { name = name, value = value }] }]) # expect: plaintext-container-secret, secret-in-state
}
