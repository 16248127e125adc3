variable "force_http_forwarding" {
  type    = bool
  default = true # expect: emergency-http-forwarding
}

module "edge" {
  source                = "./edge"
  force_http_forwarding = var.force_http_forwarding
}
