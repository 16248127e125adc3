# expect-nowhere: stale-plan fail
variable "region" {
  type = string
}

resource "aws_sqs_queue" "jobs" {
  name = "acme-jobs"
}
