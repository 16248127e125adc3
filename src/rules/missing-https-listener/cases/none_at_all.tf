resource "aws_lb" "main" {
  count   = 0
  name    = "main"
  subnets = ["subnet-1", "subnet-2"]
}
