variable "queues" {
  type = number
}

resource "aws_sqs_queue" "jobs" {
  count = var.queues
  name = "acme-jobs"
}
