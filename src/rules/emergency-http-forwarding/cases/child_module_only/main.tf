module "edge" {
  source                = "./edge"
  force_http_forwarding = true # expect: emergency-http-forwarding
}
