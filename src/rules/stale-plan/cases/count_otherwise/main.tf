# expect-nowhere: stale-plan fail
variable "queues" {
  default = 1
}

resource "terraform_data" "first" {}

resource "aws_kms_key" "k" {}

resource "aws_s3_bucket" "logs" {}

resource "aws_sqs_queue" "jobs" {
  count             = 1
  kms_master_key_id = aws_kms_key.k.arn
  redrive_policy    = jsonencode({ deadLetterTargetArn = aws_kms_key.k.arn })
  depends_on        = [terraform_data.first]
}

resource "aws_security_group" "s" {
  ingress {
    from_port       = 443
    to_port         = 443
    protocol        = "tcp"
    security_groups = [aws_kms_key.k.id]
  }
}

resource "aws_lb" "main" {
  internal = true
  access_logs {
    bucket = aws_s3_bucket.logs.id
  }
}

module "queue" {
  source = "./queue"
  key    = aws_kms_key.k.arn
}
