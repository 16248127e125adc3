resource "aws_elb" "main" {
  name    = "main"
  subnets = ["subnet-1", "subnet-2"]

  listener {
    instance_port     = 8080
    instance_protocol = "http"
    lb_port           = 5432
    lb_protocol       = "tcp"
  }
}
