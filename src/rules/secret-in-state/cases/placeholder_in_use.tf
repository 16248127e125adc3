variable "password" {
  type      = string
  sensitive = true
  default   = "REPLACE_ME"
}

resource "aws_db_instance" "literal" {
  instance_class      = "db.t4g.micro"
  password            = "changeme" # expect: secret-in-state
  deletion_protection = true
}

resource "aws_rds_cluster" "variable" {
  engine              = "aurora-postgresql"
  master_password     = var.password # expect: secret-in-state
  deletion_protection = true
}

resource "aws_db_instance" "set_later" {
  instance_class      = "db.t4g.micro"
  password            = "changeme" # expect-undecided: secret-in-state
  deletion_protection = true

  lifecycle {
    ignore_changes = [password]
  }
}

resource "aws_elasticache_user" "no_password" {
  user_id       = "app"
  user_name     = "app"
  access_string = "on ~* +@all"
  engine        = "redis"
  passwords     = []
}
