variable "token" {
  type      = string
  sensitive = true
}

resource "aws_cloudwatch_log_group" "worker" {
  name_prefix = "worker-"
}

resource "aws_ecs_task_definition" "worker" {
  family = "worker"

  container_definitions = templatestring(local.template, { # expect: plaintext-container-secret, secret-in-state
    environment = { MODE = "live", OPTIONS = var.token }
    log_group   = aws_cloudwatch_log_group.worker.name
  })
}

locals {
  template = <<-EOT
    [{
      "name": "worker",
      "environment": [
    %%{ for index, name in keys(environment) ~}
        { "name": "$${name}", "value": $${jsonencode(environment[name])} }%%{ if index < length(environment) - 1 },%%{ endif }
    %%{ endfor ~}
      ],
      "logConfiguration": { "options": { "awslogs-group": "$${log_group}" } }
    }]
  EOT
}
