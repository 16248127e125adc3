resource "aws_secretsmanager_secret" "stripe" {
  name = "acme/stripe"
}

resource "aws_iam_role" "execution" {
  name               = "acme-execution"
  assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }] })
}

data "aws_iam_policy_document" "secrets" {
  statement {
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [aws_secretsmanager_secret.stripe.arn]
  }
}

resource "aws_iam_policy" "secrets" {
  name   = "acme-secrets"
  policy = data.aws_iam_policy_document.secrets.json
}

resource "aws_iam_policy_attachment" "secrets" {
  name       = "secrets"
  roles      = [aws_iam_role.execution.name]
  policy_arn = aws_iam_policy.secrets.arn
}

resource "aws_ecs_task_definition" "api" {
  family             = "api"
  execution_role_arn = aws_iam_role.execution.arn
  container_definitions = jsonencode([{
    name  = "api"
    image = "api:1"
    secrets = [
      { name = "SESSION_KEY", valueFrom = aws_secretsmanager_secret.stripe.arn },
    ]
  }])
}
