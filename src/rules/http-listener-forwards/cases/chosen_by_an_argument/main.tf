module "alb" {
  source = "./alb"

  listeners = {
    http = {
      port     = 80
      protocol = "HTTP"
      forward  = { target_group_arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef" }
    }
  }
}
