resource "aws_sqs_queue" "jobs" {
  name = "acme-jobs"

  lifecycle {
    postcondition {
      condition     = endswith(self.url, "jobs") # expect-undecided: condition-failed
      error_message = "Another queue."
    }
  }
}
