variable "database" {
  type = object({
    name     = string
    port     = number
    username = string
    password = string
  })
  sensitive = true
}

resource "aws_security_group" "database" {
  name = "database"

  ingress {
    from_port = var.database.port
    to_port   = var.database.port
    protocol  = "tcp"
    self      = true
  }
}

resource "aws_db_instance" "main" {
  instance_class      = "db.t4g.micro"
  deletion_protection = true
  port                = var.database.port
  username            = var.database.username
  password            = var.database.password # expect: secret-in-state
}

output "database" {
  value     = var.database # expect: secret-in-state
  sensitive = true
}

variable "replicas" {
  type = list(object({
    host     = string
    password = string
  }))
  sensitive = true
}

resource "aws_sqs_queue" "replicas" {
  name = join("-", nonsensitive(var.replicas[*].host))
  tags = {
    first = nonsensitive(var.replicas[0].host)
  }
}

resource "terraform_data" "replicas" {
  input = join("-", nonsensitive(var.replicas[*].password)) # expect: secret-in-state
}
