module "alb" {
  source = "./alb"
}

module "service" {
  source = "./service"

  target_group_arn = module.alb.target_group_arn

  depends_on = [module.alb]
}
