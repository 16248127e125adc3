# expect-nowhere: stale-plan fail
locals {
  name = "acme-later"
}

resource "aws_sqs_queue" "jobs" {
  name = local.name
}
