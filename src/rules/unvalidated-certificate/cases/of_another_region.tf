provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias  = "front"
  region = "us-east-1"
}

resource "aws_lb" "main" {
  name    = "main"
  subnets = ["subnet-1", "subnet-2"]
}

resource "aws_acm_certificate" "cert" {
  domain_name       = "api.example.com"
  validation_method = "DNS"
  provider          = aws.front
}

resource "aws_acm_certificate_validation" "cert" {
  provider        = aws.front
  certificate_arn = aws_acm_certificate.cert.arn
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.main.arn
  port              = 443
  protocol          = "HTTPS"
  certificate_arn   = aws_acm_certificate_validation.cert.certificate_arn # expect: unvalidated-certificate

  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
      status_code  = "404"
    }
  }
}
