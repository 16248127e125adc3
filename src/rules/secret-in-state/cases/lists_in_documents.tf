resource "aws_sqs_queue" "queue" {
  name = "acme"
}

resource "helm_release" "variables" {
  name  = "app"
  chart = "app"
  values = [yamlencode({ # expect: secret-in-state
    extraEnvVars = [{ name = "QUEUE", value = aws_sqs_queue.queue.arn }, { name = "DB_PASSWORD", value = "violin-tomato-91" }]
  })]
}

resource "helm_release" "references" {
  name  = "app"
  chart = "app"
  values = [yamlencode({
    extraEnvVars = [{ name = "DB_PASSWORD", valueFrom = { secretKeyRef = { name = "app", key = "value-77" } } }]
  })]
}

resource "kubectl_manifest" "deployment" {
  yaml_body = "kind: Deployment\nspec:\n  containers:\n  - name: app\n    env:\n    - name: DB_PASSWORD\n      value: violin-tomato-91\n" # expect: secret-in-state
}

resource "helm_release" "sensitive" {
  name          = "app"
  chart         = "app"
  set_sensitive = [{ name = "auth.key", value = "violin-tomato-91" }] # expect: secret-in-state
}

resource "helm_release" "several" {
  name     = "app"
  chart    = "app"
  set_list = [{ name = "auth.passwords", value = ["violin-tomato-91"] }] # expect: secret-in-state
}

resource "aws_sfn_state_machine" "task" {
  name     = "task"
  role_arn = "arn:aws:iam::123456789012:role/task"
  definition = jsonencode({ # expect: secret-in-state
    States = { Run = { Parameters = { Overrides = { ContainerOverrides = [{ Environment = [{ Name = "DB_PASSWORD", Value = "violin-tomato-91" }] }] } } } }
  })
}

resource "aws_ssm_parameter" "several" {
  name  = "/acme/api_keys"
  type  = "StringList"
  value = "violin-tomato-91,violin-tomato-92" # expect: secret-in-state
}

resource "aws_cloudfront_function" "sign_in" {
  name    = "sign-in"
  runtime = "cloudfront-js-2.0"
  code    = "const password = 'violin-tomato-91';\nfunction handler(event) { return event.request }\n" # expect: secret-in-state
}

resource "datadog_integration_pagerduty_service_object" "service" {
  service_name = "app"
  service_key  = "8f14e45fceea167a5a36dedd4bea2543" # expect: secret-in-state
}

resource "terraform_data" "service" {
  input = { service_key = "billing-service", ssh_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ8f14e45fceea167a me" }
}
