module "vpc" {
  source = "./vpc" # expect-undecided: module-not-read
}
