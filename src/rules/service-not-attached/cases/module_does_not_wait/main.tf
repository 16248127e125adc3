module "alb" {
  source = "./alb"
}

module "service" { # expect: service-not-attached
  source = "./service"

  target_group_arn = module.alb.target_group_arn
}
