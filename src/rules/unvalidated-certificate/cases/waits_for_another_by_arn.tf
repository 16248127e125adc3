variable "validated" {
  type = string
}

resource "aws_acm_certificate" "this" {
  domain_name       = "api.example.net"
  validation_method = "DNS"
}

resource "aws_acm_certificate_validation" "another" {
  certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/3f5c1d2e-8a7b-4c6d-9e0f-1a2b3c4d5e6f"
}

resource "aws_acm_certificate_validation" "unknown" {
  certificate_arn = var.validated
}

resource "aws_lb" "this" {
  name     = "edge"
  internal = true
}

resource "aws_lb_listener" "another" {
  load_balancer_arn = aws_lb.this.arn
  port              = 443
  protocol          = "HTTPS"
  certificate_arn   = aws_acm_certificate.this.arn # expect: unvalidated-certificate

  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
    }
  }

  depends_on = [aws_acm_certificate_validation.another]
}

resource "aws_lb_listener" "unknown" {
  load_balancer_arn = aws_lb.this.arn
  port              = 8443
  protocol          = "HTTPS"
  certificate_arn   = aws_acm_certificate.this.arn # expect-undecided: unvalidated-certificate

  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
    }
  }

  depends_on = [aws_acm_certificate_validation.unknown]
}
