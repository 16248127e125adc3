# expect-nowhere: stale-plan fail
resource "aws_sqs_queue" "jobs" {
  name          = "acme-jobs"
  delay_seconds = 10
}
