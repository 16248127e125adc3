resource "aws_ecs_task_definition" "api" {
  family = "api"
  container_definitions = jsonencode([{
    name  = "api"
    image = "api:1"
    environment = [
      { name = "APIKEY", value = "bq9zTr0ubled0rx4" },        # expect: plaintext-container-secret
      { name = "PASSPHRASE", value = "bq9zTr0ubled0rx4" },    # expect: plaintext-container-secret
      { name = "GITHUB_PAT", value = "bq9zTr0ubled0rx4" },    # expect: plaintext-container-secret
      { name = "STRIPE_KEY", value = "bq9zTr0ubled0rx4" },    # expect: plaintext-container-secret
      { name = "REDIS_AUTH", value = "bq9zTr0ubled0rx4" },    # expect: plaintext-container-secret
      { name = "BASIC_AUTH", value = "bq9zTr0ubled0rx4" },    # expect: plaintext-container-secret
      { name = "CREDENTIALS", value = "bq9zTr0ubled0rx4" },   # expect: plaintext-container-secret
      { name = "LICENSE_KEY", value = "bq9zTr0ubled0rx4" },   # expect: plaintext-container-secret
      { name = "STRIPE_KEY_ID", value = "bq9zTr0ubled0rx4" },
      { name = "WEB_STRIPE_KEY", value = "pk_live_51Hq9zTr0ubled0rx4" },
      { name = "CORS_ALLOW_CREDENTIALS", value = "true" },
      { name = "GOOGLE_APPLICATION_CREDENTIALS", value = "/run/google/key.json" },
      { name = "FIREBASE_CREDENTIALS", value = "firebase.json" },
      { name = "REQUIRE_BASIC_AUTH", value = "on" },
    ]
  }])
}
