resource "aws_db_instance" "main" {
  engine                      = "postgres"
  instance_class              = "db.t4g.micro"
  manage_master_user_password = true
  deletion_protection         = true
}

resource "aws_ecs_task_definition" "web" {
  family = "web"
  container_definitions = jsonencode([{
    Name  = "web"
    Image = "web:1"
    Environment = [
      { Name = "DATABASE_URL", Value = "postgres://app:Tr0ub4dor@${aws_db_instance.main.address}/app" }, # expect: plaintext-container-secret, secret-literal, secret-in-state
    ]
  }])
}
