resource "random_string" "this" {
  length = 24
}

resource "aws_ecs_task_definition" "api" {
  family = "api"
  container_definitions = jsonencode([{
    name  = "api"
    image = "api:1"
    environment = [
      { name = "DB_PASSWORD", value = random_string.this.result }, # expect: plaintext-container-secret
      { name = "RELEASE", value = random_string.this.result },
    ]
  }])
}
