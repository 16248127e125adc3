resource "aws_secretsmanager_secret" "db" {
  name = "db"
}

resource "aws_ecs_task_definition" "web" {
  family = "web"
  execution_role_arn    = aws_iam_role.execution.arn
  container_definitions = jsonencode([{
    name  = "web"
    image = "web:1"
    environment = [
      { name = "PASSWORD_SAFETY_FUNCTION_NAME", value = "check-password" },
      { name = "JWT_ISSUER", value = "https://api.example.com" },
      { name = "DB_SECRET", value = aws_secretsmanager_secret.db.arn },
      { name = "MAX_TOKEN", value = "4096" },
      { name = "NEXT_PUBLIC_MAP_TOKEN", value = "pk.public" },
      { name = "STRIPE_PUBLISHABLE_KEY", value = "pk_live_51MadeUp7qK2vX9bT4nL0wZc" },
      { name = "DATABASE_URL", value = "postgres://db.example.com/app" },
      { name = "SMTP_PASSWORD", value = "REPLACE_ME" },
      { name = "GITHUB_TOKEN_SECRET", value = "acme/prod/github" },
      { name = "SENTRY_DSN", value = "https://3f0c2a1e5c1d4c8e9a8f2b7d1e6f4a90@o1.ingest.sentry.io/2" },
    ]
    secrets = [
      { name = "DB_PASSWORD", valueFrom = "${aws_secretsmanager_secret.db.arn}:password::" },
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
