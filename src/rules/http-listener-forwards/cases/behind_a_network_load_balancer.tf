resource "aws_lb" "front" { # expect: missing-https-listener
  name               = "front"
  load_balancer_type = "network"
  subnets            = ["subnet-1", "subnet-2"]
}

resource "aws_lb" "behind" {
  name     = "behind"
  internal = true
  subnets  = ["subnet-3", "subnet-4"]
}

resource "aws_lb_target_group" "behind" {
  port        = 80
  protocol    = "TCP"
  target_type = "alb"
  vpc_id      = "vpc-1"
}

resource "aws_lb_target_group_attachment" "behind" {
  target_group_arn = aws_lb_target_group.behind.arn
  target_id        = aws_lb.behind.arn
  port             = 80
}

resource "aws_lb_listener" "front" {
  load_balancer_arn = aws_lb.front.arn
  port              = 80
  protocol          = "TCP"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.behind.arn
  }
}

resource "aws_lb_target_group" "web" {
  port     = 3000
  protocol = "HTTP"
  vpc_id   = "vpc-1"
}

resource "aws_lb_listener" "behind" {
  load_balancer_arn = aws_lb.behind.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type             = "forward" # expect: http-listener-forwards
    target_group_arn = aws_lb_target_group.web.arn
  }
}

# The front passes nothing on to this port.
resource "aws_lb_listener" "own" {
  load_balancer_arn = aws_lb.behind.arn
  port              = 8080
  protocol          = "HTTP"

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.web.arn
  }
}
