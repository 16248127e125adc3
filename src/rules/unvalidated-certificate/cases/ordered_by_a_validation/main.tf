
resource "aws_acm_certificate" "cert" {
  domain_name       = "api.example.com"
  validation_method = "DNS"
}

module "lb" {
  source          = "./lb"
  certificate_arn = aws_acm_certificate.cert.arn
  requested_arn   = aws_acm_certificate.cert.arn
}
