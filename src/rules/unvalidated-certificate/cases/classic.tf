resource "aws_acm_certificate" "cert" {
  domain_name       = "api.example.com"
  validation_method = "DNS"
}

resource "aws_acm_certificate_validation" "cert" {
  certificate_arn = aws_acm_certificate.cert.arn
}

resource "aws_elb" "requested" {
  name = "requested"

  listener {
    instance_port      = 8000
    instance_protocol  = "http"
    lb_port            = 443
    lb_protocol        = "https"
    ssl_certificate_id = aws_acm_certificate.cert.arn # expect: unvalidated-certificate
  }
}

resource "aws_elb" "validated" {
  name = "validated"

  listener {
    instance_port      = 8000
    instance_protocol  = "http"
    lb_port            = 443
    lb_protocol        = "https"
    ssl_certificate_id = aws_acm_certificate_validation.cert.certificate_arn
  }

  listener {
    instance_port      = 9000
    instance_protocol  = "tcp"
    lb_port            = 9443
    lb_protocol        = "ssl"
    ssl_certificate_id = "arn:aws:iam::123456789012:server-certificate/api"
  }
}
