module "vpc" {
  source = "git::https://github.com/example/vpc.git?ref=v1" # expect-undecided: module-not-read
}
