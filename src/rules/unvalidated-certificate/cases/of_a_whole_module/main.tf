# Terraform reads `module.acm[each.key].requested` as a reference to the whole module, `module.acm["api"].requested` as
# one to that output.
locals {
  names = toset(["api", "web"])
}

module "acm" {
  source   = "./acm"
  for_each = local.names

  domain_name = "${each.key}.example.com"
}

module "shop" {
  source = "./acm"
  count  = 1

  domain_name = "shop.example.com"
}

resource "aws_lb" "main" {
  name    = "main"
  subnets = ["subnet-1", "subnet-2"]
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.main.arn
  port              = 443
  protocol          = "HTTPS"
  certificate_arn   = module.acm["api"].requested # expect: unvalidated-certificate

  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
    }
  }
}

resource "aws_lb_listener_certificate" "by_key" {
  for_each = local.names

  listener_arn    = aws_lb_listener.https.arn
  certificate_arn = module.acm[each.key].requested
}

resource "aws_lb_listener_certificate" "by_splat" {
  listener_arn    = aws_lb_listener.https.arn
  certificate_arn = one(module.shop[*].requested)
}

resource "aws_lb_listener_certificate" "by_place" {
  listener_arn    = aws_lb_listener.https.arn
  certificate_arn = module.shop[0].requested # expect: unvalidated-certificate
}
