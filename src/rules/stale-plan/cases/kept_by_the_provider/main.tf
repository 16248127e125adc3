# The queue is there with what the provider keeps of it; the argument is written as it was.
variable "delay" {}
variable "other" {}

locals {
  seconds = 6
}

resource "aws_sqs_queue" "jobs" {
  name          = "acme-jobs"
  delay_seconds = var.delay + 0
}
