variable "certificate_arn" {
  type = string

  validation {
    condition     = aws_acm_certificate_validation.cert.id != var.certificate_arn # expect-undecided: condition-failed
    error_message = "the certificate is not validated"
  }
}

variable "requested_arn" {
  type = string
}

resource "aws_acm_certificate_validation" "cert" {
  certificate_arn = var.requested_arn
}

resource "aws_lb" "main" {
  name    = "main"
  subnets = ["subnet-1", "subnet-2"]
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.main.arn
  port              = 443
  protocol          = "HTTPS"
  certificate_arn   = var.certificate_arn

  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
      status_code  = "404"
    }
  }
}
