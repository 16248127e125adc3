resource "aws_lb" "main" {
  name     = "main"
  internal = true
  subnets  = ["subnet-1", "subnet-2"]
}
