variable "bucket" {
  type = string
}

variable "key" {
  type = string
}

resource "aws_secretsmanager_secret" "all" {
  for_each = toset(["places", "later", "open"])
  name     = each.key
}

resource "aws_secretsmanager_secret_version" "places" {
  secret_id     = aws_secretsmanager_secret.all["places"].id
  secret_string = jsonencode({ upload_bucket = var.bucket, region = "eu-west-1" })
}

resource "aws_secretsmanager_secret_version" "later" {
  secret_id     = aws_secretsmanager_secret.all["later"].id
  secret_string = jsonencode({ host = var.bucket, pass = "REPLACE_ME" })

  lifecycle {
    ignore_changes = [secret_string]
  }
}

resource "aws_secretsmanager_secret_version" "open" {
  secret_id     = aws_secretsmanager_secret.all["open"].id
  secret_string = jsonencode({ host = "db.example.com", signing_key = var.key }) # expect-undecided: secret-in-state
}
