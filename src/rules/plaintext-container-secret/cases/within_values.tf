resource "aws_ecs_task_definition" "api" {
  family = "api"
  container_definitions = jsonencode([{ # expect: secret-in-state
    name  = "api"
    image = "api:1"
    environment = [
      { name = "JAVA_OPTS", value = "-Xmx2g -Dspring.datasource.password=Xk29vTq0pzLm" },          # expect: plaintext-container-secret
      { name = "APP_CONFIG", value = jsonencode({ db = { password = "Xk29vTq0pzLm" } }) },          # expect: plaintext-container-secret
      { name = "PASSWD", value = "Xk29vTq0pzLm" },                                                  # expect: plaintext-container-secret
      { name = "OTEL_EXPORTER_OTLP_HEADERS", value = "api-key=Xk29vTq0pzLm" },                      # expect: plaintext-container-secret
      { name = "JDBC_URL", value = "jdbc:mysql://db.example.net/a?user=a&password=Xk29vTq0pzLm" },  # expect: plaintext-container-secret, secret-literal
      { name = "CONNECTION_STRING", value = "Server=db.example.net;User ID=a;Password=Xk29vTq0p" }, # expect: plaintext-container-secret, secret-literal
      { name = "API_PASSWORD", value = "example-Xk29vTq0pzLm" },                                    # expect: plaintext-container-secret
      { name = "KEY_IN_BASE64", value = base64encode("postgres://a:Xk29vTq0pzLm@db.example.net") }, # expect: plaintext-container-secret, secret-literal
      { name = "HARMLESS_OPTS", value = "-Xmx2g -Dpassword.policy=strict -Dtoken.ttl=60 -Dapp.password=changeme" },
      { name = "HARMLESS_CONFIG", value = jsonencode({ fetch = { credentials = "include" }, db = { password = "" } }) },
      { name = "HARMLESS_URL", value = "https://a.example.com/?password=true" },
      { name = "HARMLESS_BASE64", value = base64encode("nothing of that kind") },
    ]
  }])
}
