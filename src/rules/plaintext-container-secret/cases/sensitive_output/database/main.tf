resource "aws_db_instance" "main" {
  instance_class      = "db.t4g.micro"
  deletion_protection = true
  username            = "main"
  password            = random_password.main.result # expect: secret-in-state
}

resource "random_password" "main" { # expect: secret-in-state
  length = 24
}

output "version" {
  value = "1.2"
}

output "endpoint" {
  value     = aws_db_instance.main.endpoint
  sensitive = true
}

output "password" {
  value     = random_password.main.result
  sensitive = true
}
