resource "aws_secretsmanager_secret" "db" {
  name = "db"
}

resource "aws_ssm_parameter" "arn" {
  name  = "/app/secret-arn"
  type  = "String"
  value = aws_secretsmanager_secret.db.arn
}

output "secret_arn" {
  value = aws_secretsmanager_secret.db.arn
}

data "aws_ssm_parameter" "ami" {
  name = "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended"
}

output "ami" {
  value     = data.aws_ssm_parameter.ami.value
  sensitive = true
}
