# var: unhelpful=arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/edge/50dc6c495c0c9188/f2f7dc8efc522ab2
variable "unhelpful" {
  type = string
}

variable "target_group" {
  type    = string
  default = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/api/6d0ecf831eec9f09"
}

data "aws_lb" "this" {
  name = "edge"
}

data "aws_lb_listener" "http" {
  load_balancer_arn = data.aws_lb.this.arn
  port              = 80
}

data "aws_lb_listener" "https" {
  load_balancer_arn = data.aws_lb.this.arn
  port              = 443
}

resource "aws_lb_listener_rule" "http" {
  listener_arn = data.aws_lb_listener.http.arn # expect-undecided: http-listener-forwards

  action {
    type             = "forward"
    target_group_arn = var.target_group
  }

  condition {
    path_pattern {
      values = ["/*"]
    }
  }
}

resource "aws_lb_listener_rule" "named" {
  listener_arn = var.unhelpful # expect-undecided: http-listener-forwards

  action {
    type             = "forward"
    target_group_arn = var.target_group
  }

  condition {
    path_pattern {
      values = ["/*"]
    }
  }
}

resource "aws_lb_listener_rule" "https" {
  listener_arn = data.aws_lb_listener.https.arn

  action {
    type             = "forward"
    target_group_arn = var.target_group
  }

  condition {
    path_pattern {
      values = ["/*"]
    }
  }
}

resource "aws_lb_listener_rule" "redirects" {
  listener_arn = data.aws_lb_listener.http.arn

  action {
    type = "redirect"

    redirect {
      port        = "443"
      protocol    = "HTTPS"
      status_code = "HTTP_301"
    }
  }

  condition {
    path_pattern {
      values = ["/*"]
    }
  }
}
