resource "aws_cloudwatch_log_group" "web" {
  name = "web"
}

resource "random_password" "session" { # expect: secret-in-state
  length = 32
}

resource "aws_ecs_task_definition" "web" {
  family = "web"
  # expect-below: plaintext-container-secret, secret-in-state
  container_definitions = <<-JSON
    [{
      "name": "web",
      "image": "web:1",
      "environment": [{"name": "COOKIE", "value": "${random_password.session.result}"}],
      "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "${aws_cloudwatch_log_group.web.name}"}}
    }]
  JSON
}
