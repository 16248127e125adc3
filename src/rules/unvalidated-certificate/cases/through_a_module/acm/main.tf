resource "aws_acm_certificate" "cert" {
  domain_name       = "api.example.com"
  validation_method = "DNS"
}

resource "aws_acm_certificate_validation" "cert" {
  certificate_arn = aws_acm_certificate.cert.arn
}

output "requested" {
  value = aws_acm_certificate.cert.arn
}

output "validated" {
  value = aws_acm_certificate_validation.cert.certificate_arn
}

output "ordered" {
  value      = aws_acm_certificate.cert.arn
  depends_on = [aws_acm_certificate_validation.cert]
}
