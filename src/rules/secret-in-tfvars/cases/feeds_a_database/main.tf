# git: init -q
# git: add .
# environment: dev
variable "master" {
  type = string
}

resource "aws_db_instance" "this" {
  identifier        = "orders"
  instance_class    = "db.t4g.micro"
  allocated_storage = 20
  engine            = "postgres"
  username          = "orders"
  password          = var.master # expect: secret-in-state
}
