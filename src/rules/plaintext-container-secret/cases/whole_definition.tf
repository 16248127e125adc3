resource "aws_ecs_task_definition" "web" {
  family = "web"
  container_definitions = jsonencode({
    family = "web"
    containerDefinitions = [{
      name        = "web"
      environment = [{ name = "API_KEY", value = "Tr0ub4dor" }] # expect: plaintext-container-secret
    }]
  })
}
