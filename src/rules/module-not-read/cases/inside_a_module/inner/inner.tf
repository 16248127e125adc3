module "far" {
  source = "terraform-aws-modules/vpc/aws" # expect-undecided: module-not-read
}
