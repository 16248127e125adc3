module "vpc" {
  source  = "terraform-aws-modules/vpc/aws" # expect-undecided: module-not-read
  version = "5.8.1"
}
