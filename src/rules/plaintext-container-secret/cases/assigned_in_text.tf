resource "aws_ecs_task_definition" "api" {
  family = "api"
  container_definitions = jsonencode([
    {
      name  = "api"
      image = "api:1"
      command = [
        "sh", "-c",
        "DB_PASSWORD=Xk29vTq0pq exec run", # expect: plaintext-container-secret
      ]
      entryPoint = [
        "run",
        "--api-token=Xk29vTq0pq77", # expect: plaintext-container-secret
        "--client-secret",
        "Xk29vTq0pq78", # expect: plaintext-container-secret
      ]
      logConfiguration = {
        logDriver = "splunk"
        options = {
          "splunk-url"   = "https://splunk.example.net"
          "splunk-token" = "b7c1e0a9d2f344c1" # expect: plaintext-container-secret
        }
      }
    },
    {
      name    = "harmless"
      image   = "api:1"
      command = ["sh", "-c", "DB_PASSWORD=$PASSWORD API_TOKEN=\"$${TOKEN}\" exec run --secret-key=/run/secrets/key --token-ttl=60"]
      entryPoint = ["run", "--db-password", "REPLACE_ME", "--api-token", "--verbose"]
      healthCheck = {
        command = ["CMD-SHELL", "test \"$API_KEY\" == x || curl -f http://localhost/health?token=1"]
      }
    },
  ])
}
