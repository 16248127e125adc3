variable "db" {
  type    = any
  default = { host = "db.example.com" }
}

locals {
  override = { containerOverrides = [{ name = "api", environment = [{ name = "DB_PASSWORD", value = "violin-tomato-91" }] }] } # expect: secret-literal
}

resource "terraform_data" "member" {
  input = { db_password = "violin-tomato-91", note = "violin-tomato-91" } # expect: secret-in-state
}

resource "terraform_data" "members_of_one" {
  input = { passwords = ["violin-tomato-91"] } # expect: secret-in-state
}

resource "aws_cloudwatch_event_target" "pair_in_a_document" {
  rule  = "nightly"
  arn   = "arn:aws:ecs:eu-west-1:123456789012:cluster/acme"
  input = jsonencode(local.override) # expect: secret-in-state
}

resource "aws_sqs_queue" "queue" {
  name = "acme"
}

# Beside what is not known yet.
resource "aws_batch_job_definition" "document" {
  name = "job"
  type = "container"
  container_properties = jsonencode({ # expect: secret-in-state
    image       = "job:1"
    environment = [{ name = "QUEUE", value = aws_sqs_queue.queue.arn }, { name = "DB_PASSWORD", value = "violin-tomato-91" }]
  })
}

resource "aws_ssm_parameter" "path" {
  name  = "/acme/db/password"
  type  = "String"
  value = "violin-tomato-91" # expect: secret-in-state
}

resource "aws_ssm_parameter" "insecure" {
  name           = "/acme/db/password"
  type           = "String"
  insecure_value = "violin-tomato-91" # expect: secret-in-state
}

resource "random_string" "drawn" {
  length = 32
}

resource "aws_ssm_parameter" "drawn" {
  name  = "/acme/jwt-secret"
  type  = "String"
  value = random_string.drawn.result # expect: secret-in-state
}

resource "aws_ssm_parameter" "drawn_for_a_name" {
  name  = "/acme/suffix"
  type  = "String"
  value = random_string.drawn.result
}

resource "aws_lambda_function" "path" {
  function_name = "path"
  role          = "arn:aws:iam::123456789012:role/path"
  environment {
    variables = { DB_SECRET = "acme/prod/db" }
  }
}

# Whatever its keys are called.
resource "kubernetes_manifest" "secret" {
  manifest = { apiVersion = "v1", kind = "Secret", stringData = { upstream = "violin-tomato-91" } } # expect: secret-in-state
}

resource "kubernetes_manifest" "settings" {
  manifest = { apiVersion = "v1", kind = "ConfigMap", data = { upstream = "violin-tomato-91" } }
}

resource "kubernetes_secret_v1" "write_only" {
  metadata {
    name = "upstream"
  }
  data_wo          = { upstream = "REPLACE_ME" }
  data_wo_revision = 1
}

resource "helm_release" "existing" {
  name  = "db"
  chart = "postgresql"
  set   = [{ name = "auth.existingSecret", value = "acme-db-1" }, { name = "auth.password", value = "violin-tomato-91" }] # expect: secret-in-state
}

resource "helm_release" "references" {
  name   = "db"
  chart  = "postgresql"
  set    = [{ name = "auth.existingSecret", value = "acme-db-1" }]
  values = [yamlencode({ auth = { existingSecret = "acme-db-1", envFromSecret = "acme-env-1" } })]
}

resource "aws_cloudfront_distribution" "header" {
  enabled = true
  origin {
    domain_name = "app.example.com"
    origin_id   = "app"
    custom_header {
      name  = "X-Origin-Verify"
      value = "violin-tomato-91" # expect: secret-in-state
    }
  }
}

resource "aws_instance" "script" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.micro"
  user_data     = "#!/bin/sh\necho DB_PASSWORD=violin-tomato-91 >> /etc/env\necho ${aws_sqs_queue.queue.arn}\n" # expect: secret-in-state
}

resource "aws_sns_topic_subscription" "hook" {
  topic_arn = "arn:aws:sns:eu-west-1:123456789012:alarms"
  protocol  = "https"
  endpoint  = "https://hooks.example.com/in?api_token=violin-tomato-91" # expect: secret-in-state
}

resource "aws_sfn_state_machine" "header" {
  name       = "call"
  role_arn   = "arn:aws:iam::123456789012:role/sfn"
  definition = jsonencode({ States = { Call = { Headers = { Authorization = "Bearer violin-tomato-91" } } } }) # expect: secret-in-state
}

# Nobody knows what this provider calls its arguments.
resource "postgresql_role" "app" {
  name     = "app"
  password = "violin-tomato-91" # expect: secret-in-state
}

output "api_token" {
  value = "violin-tomato-91" # expect: secret-in-state
}

# A name alone is no secret: where one is, what it is for, what it is called, when it comes later.
resource "terraform_data" "harmless" {
  input = {
    password_length = 32
    password        = "REPLACE_ME"
    token_ttl       = "3600"
    jwt_secret      = "acme2/jwt-secret"
    secret          = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a"
    api_key         = "{{resolve:secretsmanager:acme}}"
    tokens          = { header_id = "abcdefgh1" }
    authorization   = "AWS_IAM"
  }
}

resource "aws_secretsmanager_secret" "csrf" {
  name = "acme-prod-csrf"
}

resource "terraform_data" "names" {
  input = { csrf_secret = aws_secretsmanager_secret.csrf.name }
}

resource "aws_cloudwatch_event_target" "transformed" {
  rule = "nightly"
  arn  = "arn:aws:ecs:eu-west-1:123456789012:cluster/acme"

  input_transformer {
    input_paths    = { token = "$.detail.token" }
    input_template = "{\"token\": \"<token>\"}"
  }
}

resource "aws_sfn_state_machine" "paths" {
  name       = "call"
  role_arn   = "arn:aws:iam::123456789012:role/sfn"
  definition = jsonencode({ States = { Call = { Parameters = { "token.$" = "$.token", secret = "{% $states.input.secret %}" } } } })
}

resource "aws_api_gateway_integration" "mapped" {
  rest_api_id        = "a"
  resource_id        = "b"
  http_method        = "POST"
  type               = "HTTP"
  request_parameters = {
    "integration.request.header.x-api-key"                    = "method.request.header.x-api-key"
    "method.response.header.Access-Control-Allow-Credentials" = "'true'"
  }
}

resource "aws_db_parameter_group" "parameters" {
  family = "postgres16"

  parameter {
    name  = "password_encryption"
    value = "scram-sha-256"
  }
}
