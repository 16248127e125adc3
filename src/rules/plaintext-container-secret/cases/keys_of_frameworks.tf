resource "aws_ecs_task_definition" "web" {
  family = "web"
  container_definitions = jsonencode([{
    name  = "web"
    image = "web:1"
    environment = [
      { name = "SECRET_KEY", value = "Tr0ub4dor-3" },      # expect: plaintext-container-secret
      { name = "SECRET_KEY_BASE", value = "Tr0ub4dor-4" }, # expect: plaintext-container-secret
      { name = "APP_KEYS", value = "Tr0ub4dor-5" },        # expect: plaintext-container-secret
      { name = "API_TOKEN_SALT", value = "Tr0ub4dor-6" },  # expect: plaintext-container-secret
      { name = "MYSQL_PWD", value = "Tr0ub4dor-7" },       # expect: plaintext-container-secret
      { name = "APP_KEY_ROTATION", value = "weekly" },
      { name = "PWD", value = "/srv/app" },
    ]
  }])
}
