module "vpc" {
  count  = 0
  source = "example.com/network/vpc/aws"
}
