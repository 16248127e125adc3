resource "aws_acm_certificate" "cert" {
  domain_name       = "api.example.com"
  validation_method = "DNS"
}

resource "aws_acm_certificate_validation" "cert" {
  certificate_arn = aws_acm_certificate.cert.arn
}

output "certificate_arn" {
  value = aws_acm_certificate.cert.arn

  precondition {
    condition     = aws_acm_certificate_validation.cert.id != "" # expect-undecided: condition-failed
    error_message = "the certificate is not validated"
  }
}
