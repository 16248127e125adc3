module "database" {
  source = "./database"
}

# Sensitive in the module; Terraform takes it for what it is here.
output "endpoint" {
  value = module.database.endpoint
}

resource "aws_ecs_task_definition" "api" {
  family = "api"
  # expect-below: secret-in-state, plaintext-container-secret
  container_definitions = <<-JSON
    [{
      "name": "api",
      "image": "api:${module.database.version}",
      "environment": ${jsonencode([
        { name = "DB_HOST", value = module.database.endpoint },
        { name = "DB_PASS", value = module.database.password },
      ])}
    }]
  JSON
}
