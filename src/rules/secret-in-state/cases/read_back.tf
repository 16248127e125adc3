data "aws_secretsmanager_secret_version" "db" { # expect: secret-in-state
  secret_id = "db"
}

resource "aws_db_instance" "main" {
  engine         = "postgres"
  instance_class = "db.t4g.micro"
  username       = "app"
  password       = jsondecode(data.aws_secretsmanager_secret_version.db.secret_string)["password"] # expect: secret-in-state

  deletion_protection = true
}
