resource "aws_secretsmanager_secret" "github" {
  name = "acme/github"
}

resource "aws_iam_role" "execution" {
  name               = "acme-execution"
  assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }] })
}

resource "aws_iam_role_policy_attachment" "aws" {
  role       = aws_iam_role.execution.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"
}

resource "aws_iam_role_policy" "registry" {
  role   = aws_iam_role.execution.id
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "secretsmanager:GetSecretValue", Resource = "arn:aws:secretsmanager:*:*:secret:acme/registry-*" }] })
}

resource "aws_ecs_task_definition" "api" {
  family             = "api"
  execution_role_arn = aws_iam_role.execution.arn
  container_definitions = jsonencode([
    {
      name                  = "api"
      image                 = "ghcr.io/acme/api:1"
      repositoryCredentials = { credentialsParameter = aws_secretsmanager_secret.github.arn } # expect: unreadable-container-secret
    },
    {
      name                  = "sidecar"
      image                 = "ghcr.io/acme/sidecar:1"
      repositoryCredentials = { credentialsParameter = "acme/registry" }
    },
  ])
}
