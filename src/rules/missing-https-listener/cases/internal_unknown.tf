variable "internal" {
  type = bool
}

resource "aws_lb" "main" { # expect-undecided: missing-https-listener
  name     = "main"
  internal = var.internal
  subnets  = ["subnet-1", "subnet-2"]
}
