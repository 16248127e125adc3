# The AWS API reads the names of members in any case.
resource "aws_ecs_task_definition" "api" {
  family = "api"
  container_definitions = jsonencode([{
    Name  = "api"
    Image = "api:1"
    Environment = [
      { Name = "DB_PASSWORD", Value = "Xk29vTq0pq" }, # expect: plaintext-container-secret
    ]
  }])
}
