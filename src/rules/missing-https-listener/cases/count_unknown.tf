variable "https" {
  type = bool
}

resource "aws_lb" "main" { # expect-undecided: missing-https-listener
  name    = "main"
  subnets = ["subnet-1", "subnet-2"]
}

data "aws_acm_certificate" "cert" {
  domain = "api.example.com"
}

resource "aws_lb_listener" "https" {
  count             = var.https ? 1 : 0
  load_balancer_arn = aws_lb.main.arn
  port              = 443
  protocol          = "HTTPS"
  certificate_arn   = data.aws_acm_certificate.cert.arn

  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
    }
  }
}
