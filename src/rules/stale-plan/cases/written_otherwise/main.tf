variable "queues" {
  default = 1
}

resource "terraform_data" "first" {}

resource "aws_kms_key" "k" {}

resource "aws_s3_bucket" "logs" {}

resource "aws_sqs_queue" "jobs" {
  count             = var.queues
  kms_master_key_id = resource.aws_kms_key.k.arn
  redrive_policy    = jsonencode({ deadLetterTargetArn = aws_kms_key.k.arn })
  depends_on        = ["terraform_data.first"]
}

resource "aws_security_group" "s" {
  ingress {
    from_port       = 400 + 43
    to_port         = 443
    protocol        = "tcp"
    security_groups = [aws_kms_key.k.id]
  }
}

resource "aws_lb" "main" {
  internal = "true"
  name     = null
  access_logs {
    bucket = aws_s3_bucket.logs.id
  }
}

module "queue" {
  source = "./queue"
  key    = aws_kms_key.k.arn
}
