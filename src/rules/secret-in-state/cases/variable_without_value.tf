variable "password" {
  type = string
}

resource "aws_db_instance" "main" {
  engine         = "postgres"
  instance_class = "db.t4g.micro"
  username       = "app"
  password       = var.password # expect-undecided: secret-in-state

  deletion_protection = true
}
