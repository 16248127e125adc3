# git: init -q
# git: add .
# environment: dev
variable "tok" {
  type = string
}

variable "written" {
  type = string
}

variable "user" {
  type = string
}

resource "aws_mq_broker" "by_dynamic" {
  broker_name        = "a"
  engine_type        = "RabbitMQ"
  engine_version     = "3.13"
  host_instance_type = "mq.m5.large"

  dynamic "user" {
    for_each = [var.tok]

    content {
      username = var.user
      password = user.value # expect: secret-in-state
    }
  }
}

resource "aws_mq_broker" "written" {
  broker_name        = "b"
  engine_type        = "RabbitMQ"
  engine_version     = "3.13"
  host_instance_type = "mq.m5.large"

  user {
    username = var.user
    password = "x-${var.written}" # expect: secret-in-state
  }
}
