resource "aws_secretsmanager_secret" "stripe" {
  name = "acme-stripe"
}

resource "aws_secretsmanager_secret_version" "stripe" {
  secret_id = aws_secretsmanager_secret.stripe.id
  secret_string = jsonencode({ # expect: secret-overwritten
    publishable_key = "pk"
    secret_key      = "changeme"
    webhook_secret  = "changeme"
  })
}
