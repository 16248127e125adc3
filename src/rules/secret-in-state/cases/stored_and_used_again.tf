variable "password" {
  type = string
}

locals {
  known = "Tr0ub4dor-8"
}

resource "aws_secretsmanager_secret" "main" {
  for_each = toset(["given", "read"])
  name     = each.key
}

resource "aws_secretsmanager_secret_version" "given" {
  secret_id     = aws_secretsmanager_secret.main["given"].id
  secret_string = var.password # expect-undecided: secret-in-state
}

resource "aws_rds_cluster" "first" {
  engine              = "aurora-postgresql"
  deletion_protection = true
  master_username     = "main"
  master_password     = aws_secretsmanager_secret_version.given.secret_string # expect-undecided: secret-in-state
}

resource "aws_rds_cluster" "second" {
  engine              = "aurora-postgresql"
  deletion_protection = true
  master_username     = "main"
  master_password     = local.known # expect: secret-in-state
}

# Only the host is not known.
resource "aws_secretsmanager_secret_version" "read" {
  secret_id = aws_secretsmanager_secret.main["read"].id
  secret_string = jsonencode({ # expect: secret-in-state
    host     = aws_rds_cluster.second.endpoint
    password = aws_rds_cluster.second.master_password
  })
}
