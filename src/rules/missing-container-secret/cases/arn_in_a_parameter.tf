data "aws_ssm_parameter" "key" {
  name = "/acme/stripe/secret_arn"
}

variable "hook_arn" {
  type      = string
  sensitive = true
  default   = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:stripe-hook-Ab1Cd2"
}

resource "aws_ecs_task_definition" "api" {
  family             = "api"
  execution_role_arn = aws_iam_role.execution.arn
  container_definitions = jsonencode([{ # expect-undecided: unreadable-container-secret
    name  = "api"
    image = "api:1"
    secrets = [
      { name = "STRIPE_SECRET_KEY", valueFrom = data.aws_ssm_parameter.key.value }, # expect-undecided: missing-container-secret
      { name = "STRIPE_WEBHOOK_SECRET", valueFrom = var.hook_arn },
    ]
  }])
}

resource "aws_iam_role" "execution" {
  name               = "execution"
  assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }] })
  managed_policy_arns = [
    "arn:aws:iam::aws:policy/AmazonSSMReadOnlyAccess",
    "arn:aws:iam::aws:policy/SecretsManagerReadWrite",
  ]
}
