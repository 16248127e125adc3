resource "aws_alb" "main" { # expect: missing-https-listener
  name    = "main"
  subnets = ["subnet-1", "subnet-2"]
}
