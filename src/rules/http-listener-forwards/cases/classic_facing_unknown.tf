variable "internal" {
  type = bool
}

resource "aws_elb" "main" { # expect-undecided: missing-https-listener
  name    = "main"
  subnets = ["subnet-1", "subnet-2"]
  internal = var.internal

  listener { # expect-undecided: http-listener-forwards
    instance_port     = 8080
    instance_protocol = "http"
    lb_port           = 80
    lb_protocol       = "http"
  }
}
