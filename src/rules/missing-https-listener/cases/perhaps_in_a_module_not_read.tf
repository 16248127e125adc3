resource "aws_lb" "this" { # expect-undecided: missing-https-listener
  name = "edge"
}

module "listeners" {
  source            = "example.com/edge/listeners/aws" # expect-undecided: module-not-read
  load_balancer_arn = aws_lb.this.arn
}
