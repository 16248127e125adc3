variable "db_password" {
  type      = string
  sensitive = true
}

variable "team" {
  type    = string
  default = "payments"
}

provider "aws" {
  region = "eu-west-1"
  default_tags {
    tags = { team = var.team, note = var.db_password } # expect: secret-in-state
  }
}

provider "google" {
  default_labels = { note = var.db_password }
}

resource "aws_sqs_queue" "jobs" {
  name = "jobs"
}
