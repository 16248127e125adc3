# A plan as JSON does not say in which workspace it was made.
resource "aws_sqs_queue" "jobs" {
  name = "acme-${terraform.workspace}"
}
