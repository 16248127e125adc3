# A remark, and the arguments in another order, change nothing.
resource "aws_sqs_queue" "jobs" {
  delay_seconds = null
  # jobs of today
  name = (
    "acme-jobs"
  )
}
