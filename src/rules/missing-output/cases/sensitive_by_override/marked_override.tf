output "ecs_api_service_name" {
  sensitive = true # expect: missing-output
  value     = "web"
}
