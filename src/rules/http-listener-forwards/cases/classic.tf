resource "aws_elb" "main" {
  name    = "main"
  subnets = ["subnet-1", "subnet-2"]

  listener { # expect: http-listener-forwards
    instance_port     = 8080
    instance_protocol = "http"
    lb_port           = 80
    lb_protocol       = "http"
  }

  listener {
    instance_port     = 8080
    instance_protocol = "http"
    lb_port           = 443
    lb_protocol       = "https"
    ssl_certificate_id = "arn:aws:iam::123456789012:server-certificate/acme"
  }
}
