# git: init -q
# git: add .
# environment: dev
variable "db" {
  type = object({ host = string, pw = string })
}

variable "databases" {
  type = map(object({ pw = string }))
}

variable "placeholders" {
  type = object({ host = string, pw = string })
}

resource "aws_db_instance" "one" {
  identifier          = "one"
  instance_class      = "db.t4g.micro"
  password_wo         = var.db.pw
  password_wo_version = 1
}

resource "aws_db_instance" "each" {
  for_each = var.databases

  identifier          = each.key
  instance_class      = "db.t4g.micro"
  password_wo         = each.value.pw
  password_wo_version = 1
}

resource "aws_db_instance" "placeholder" {
  identifier          = "placeholder"
  instance_class      = "db.t4g.micro"
  password_wo         = var.placeholders.pw
  password_wo_version = 1
}
