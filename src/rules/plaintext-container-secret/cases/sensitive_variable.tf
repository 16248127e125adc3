variable "mail" {
  type      = string
  sensitive = true
}

resource "aws_ecs_task_definition" "web" {
  family = "web"
  container_definitions = jsonencode([{
    name  = "web"
    image = "web:1"
    environment = [
      { name = "MAIL_CONFIG", value = "smtp://${var.mail}" }, # expect: plaintext-container-secret, secret-in-state
    ]
  }])
}
