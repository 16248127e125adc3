resource "aws_elb" "main" {
  name    = "main"
  subnets = ["subnet-1", "subnet-2"]
  internal = true

  listener {
    instance_port     = 8080
    instance_protocol = "http"
    lb_port           = 80
    lb_protocol       = "http"
  }
}
