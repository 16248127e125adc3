variable "domain_name" {
  type = string
}

resource "aws_acm_certificate" "cert" {
  domain_name       = var.domain_name
  validation_method = "DNS"
}

resource "aws_acm_certificate_validation" "cert" {
  certificate_arn = aws_acm_certificate.cert.arn
}

output "requested" {
  value = aws_acm_certificate.cert.arn
}
