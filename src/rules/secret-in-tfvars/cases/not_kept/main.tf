# git: init -q
# git: add .
variable "database" {
  type = object({ host = string })
}

resource "aws_sqs_queue" "queue" {
  name = var.database.host
}
