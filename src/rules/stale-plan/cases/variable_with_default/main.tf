variable "region" {
  type    = string
  default = "us-east-1"
}

resource "aws_sqs_queue" "jobs" {
  name = "acme-jobs"
}
