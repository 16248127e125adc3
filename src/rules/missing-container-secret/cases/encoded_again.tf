resource "aws_secretsmanager_secret" "this" {
  for_each = toset(["STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"])
  name     = each.key
}

locals {
  container = jsonencode({
    name    = "api"
    image   = "api:1"
    secrets = [for name, secret in aws_secretsmanager_secret.this : { name = name, valueFrom = secret.arn }]
  })
  lacking = jsonencode({
    name    = "api"
    image   = "api:1"
    secrets = [{ name = "STRIPE_SECRET_KEY", valueFrom = aws_secretsmanager_secret.this["STRIPE_SECRET_KEY"].arn }]
  })
}

resource "aws_ecs_task_definition" "api" {
  family                = "api"
  execution_role_arn    = aws_iam_role.execution.arn
  container_definitions = jsonencode([jsondecode(local.container)])
}

resource "aws_ecs_task_definition" "lacking" {
  family                = "api"
  execution_role_arn    = aws_iam_role.execution.arn
  container_definitions = jsonencode([jsondecode(local.lacking)]) # expect: missing-container-secret
}

locals {
  text = <<-EOT
    [{"name": "api", "image": "api:1", "secrets": [
      {"name": "STRIPE_SECRET_KEY", "valueFrom": "${aws_secretsmanager_secret.this["STRIPE_SECRET_KEY"].arn}"},
      {"name": "STRIPE_WEBHOOK_SECRET", "valueFrom": "${aws_secretsmanager_secret.this["STRIPE_WEBHOOK_SECRET"].arn}"}
    ]}]
  EOT
  yaml = <<-EOT
    - name: api
      image: api:1
      secrets:
    %{for name, secret in aws_secretsmanager_secret.this}
        - name: ${name}
          valueFrom: ${secret.arn}
    %{endfor}
  EOT
  lacking_yaml = <<-EOT
    - name: api
      image: api:1
      secrets:
        - name: STRIPE_SECRET_KEY
          valueFrom: ${aws_secretsmanager_secret.this["STRIPE_SECRET_KEY"].arn}
  EOT
}

resource "aws_ecs_task_definition" "text" {
  family                = "api"
  execution_role_arn    = aws_iam_role.execution.arn
  container_definitions = jsonencode(jsondecode(local.text))
}

resource "aws_ecs_task_definition" "yaml" {
  family                = "api"
  execution_role_arn    = aws_iam_role.execution.arn
  container_definitions = jsonencode([for one in yamldecode(local.yaml) : one])
}

resource "aws_ecs_task_definition" "parts" {
  family                = "api"
  execution_role_arn    = aws_iam_role.execution.arn
  container_definitions = jsonencode([{ name = yamldecode(local.yaml)[0].name, image = "api:1", secrets = yamldecode(local.yaml)[0].secrets }])
}

resource "aws_ecs_task_definition" "lacking_yaml" {
  family                = "api"
  execution_role_arn    = aws_iam_role.execution.arn
  container_definitions = jsonencode([for one in yamldecode(local.lacking_yaml) : one]) # expect: missing-container-secret
}

resource "aws_iam_role" "execution" {
  name               = "execution"
  assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }] })
  managed_policy_arns = [
    "arn:aws:iam::aws:policy/SecretsManagerReadWrite",
  ]
}
