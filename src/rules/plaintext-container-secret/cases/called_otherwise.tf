resource "aws_ecs_task_definition" "names" {
  family = "names"
  container_definitions = jsonencode([{
    name  = "web"
    image = "web:1"
    environment = [
      { name = "DD_APP_KEY", value = "8f14e45fceea167a5a36dedd4bea2543" },     # expect: plaintext-container-secret
      { name = "RELEASE_COOKIE", value = "8f14e45fceea167a5a36dedd4bea2543" }, # expect: plaintext-container-secret
      { name = "DB_PW", value = "violin-tomato-91" },                          # expect: plaintext-container-secret
      { name = "HMAC_KEY", value = "violin-tomato-91" },                       # expect: plaintext-container-secret
      { name = "OTHER_KEY", value = "8f14e45fceea167a5a36dedd4bea2543" },      # expect-undecided: plaintext-container-secret
      { name = "VITE_OTHER_KEY", value = "8f14e45fceea167a5a36dedd4bea2543" },
      { name = "MAPS_KEY", value = "8f14e45fceea167a5a36dedd4bea2543" },
      { name = "BUILD_KEY", value = "builds/8f14e45fceea167a5a36dedd4bea2543" },
      { name = "KEY", value = "1234abcd-12ab-34cd-56ef-1234567890ab" },
      { name = "PARTITION_KEY", value = "customer" },
    ]
  }])
}

resource "aws_ecs_task_definition" "texts" {
  family = "texts"
  container_definitions = jsonencode([{
    name  = "web"
    image = "web:1"
    environment = [
      { name = "A", value = base64encode(jsonencode({ db = { password = "violin-tomato-91" } })) },             # expect: plaintext-container-secret
      { name = "B", value = yamlencode({ db = { password = "violin-tomato-91" } }) },                           # expect: plaintext-container-secret
      { name = "C", value = "user=app;pwd=violin-tomato-91" },                                                  # expect: plaintext-container-secret
      { name = "D", value = "<appSettings><add key=\"DbPassword\" value=\"violin-tomato-91\"/></appSettings>" }, # expect: plaintext-container-secret
      { name = "E", value = "Basic YWRtaW46dmlvbGluLXRvbWF0by05MQ==" },                                         # expect: plaintext-container-secret
      { name = "F", value = "Authorization: Bearer 8f14e45fceea167a5a36dedd4bea2543" },                         # expect: plaintext-container-secret
      { name = "G", value = "x-honeycomb-team=8f14e45fceea167a5a36dedd4bea2543" },                              # expect: plaintext-container-secret
      { name = "H", value = "[database]\npassword = \"violin-tomato-91\"\n" },                                  # expect: plaintext-container-secret
      { name = "I", value = yamlencode({ db = { password = "REPLACE_ME", token_ttl = "60" } }) },
    ]
  }])
}

resource "aws_ecs_task_definition" "commands" {
  family = "commands"
  container_definitions = jsonencode([
    {
      name    = "cache"
      image   = "redis:7"
      command = ["redis-server", "--requirepass", "violin-tomato-91"] # expect: plaintext-container-secret
    },
    {
      name        = "web"
      image       = "web:1"
      command     = ["sh", "-c", "exec ./api --token violin-tomato-91"]                                   # expect: plaintext-container-secret
      healthCheck = { command = ["CMD-SHELL", "curl -H 'X-Api-Key: violin-tomato-91' http://localhost"] } # expect: plaintext-container-secret
      logConfiguration = {
        logDriver = "awsfirelens"
        options   = { Header = "Authorization Bearer 8f14e45fceea167a5a36dedd4bea2543" } # expect: plaintext-container-secret
      }
    },
    {
      name    = "job"
      image   = "curl:1"
      command = ["curl", "-u", "admin:violin-tomato-91", "http://localhost"] # expect: plaintext-container-secret
    },
    {
      name    = "plain"
      image   = "web:1"
      command = ["sh", "-c", "exec ./api --token $TOKEN --user app:app77"]
    },
  ])
}
