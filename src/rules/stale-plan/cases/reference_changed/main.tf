# expect-nowhere: stale-plan fail
variable "delay" {}
variable "other" {}

resource "aws_sqs_queue" "jobs" {
  name          = "acme-jobs"
  delay_seconds = var.other
}
