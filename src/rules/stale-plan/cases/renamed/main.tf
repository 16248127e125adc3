# expect-nowhere: stale-plan fail
resource "aws_sqs_queue" "tasks" {
  name = "acme-jobs"
}
