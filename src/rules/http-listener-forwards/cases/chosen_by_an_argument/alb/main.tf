variable "listeners" {
  type = any
}

resource "aws_lb" "this" { # expect: missing-https-listener
  name    = "main"
  subnets = ["subnet-1", "subnet-2"]
}

resource "aws_lb_listener" "this" {
  for_each = var.listeners

  load_balancer_arn = aws_lb.this.arn
  port              = each.value.port
  protocol          = each.value.protocol

  dynamic "default_action" {
    for_each = try([each.value.forward], [])

    content {
      type             = "forward" # expect: http-listener-forwards
      target_group_arn = default_action.value.target_group_arn
    }
  }

  dynamic "default_action" {
    for_each = try([each.value.redirect], [])

    content {
      type = "redirect"

      redirect {
        protocol    = "HTTPS"
        port        = default_action.value.port
        status_code = "HTTP_301"
      }
    }
  }
}
