# git: init -q
# git: add .
variable "db_password" {
  type = string
}

variable "settings" {
  type = any
}

variable "k" {
  type = string
}

variable "jwt_secret" {
  type = string
}

resource "postgresql_role" "app" {
  name     = "app"
  password = var.k # expect: secret-in-state
}

resource "aws_sqs_queue" "named" {
  name = "acme-${var.settings.api_token}" # expect: secret-in-state
}
