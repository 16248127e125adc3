resource "aws_lb_listener" "sign_in" {
  load_balancer_arn = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/a/50dc6c495c0c9188"
  protocol          = "HTTPS"
  port              = 443
  certificate_arn   = "arn:aws:iam::123456789012:server-certificate/acme"

  default_action {
    type = "authenticate-oidc"

    authenticate_oidc {
      authorization_endpoint = "https://id.example.com/authorize"
      client_id              = "acme"
      client_secret          = "bq9zTr0ubled0r" # expect: secret-in-state
      issuer                 = "https://id.example.com"
      token_endpoint         = "https://id.example.com/token"
      user_info_endpoint     = "https://id.example.com/me"
    }
  }

  default_action {
    type             = "forward"
    target_group_arn = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/a/6d0ecf831eec9f09"
  }
}

resource "aws_cognito_identity_provider" "oidc" {
  user_pool_id     = "eu-central-1_a"
  provider_name    = "acme"
  provider_type    = "OIDC"
  provider_details = { client_id = "acme", client_secret = "bq9zTr0ubled0r" } # expect: secret-in-state
}

resource "aws_cognito_identity_provider" "saml" {
  user_pool_id     = "eu-central-1_a"
  provider_name    = "saml"
  provider_type    = "SAML"
  provider_details = { MetadataURL = "https://id.example.com/saml" }
}

resource "aws_codepipeline_webhook" "github" {
  name            = "github"
  authentication  = "GITHUB_HMAC"
  target_action   = "Source"
  target_pipeline = "acme"

  authentication_configuration {
    secret_token = "bq9zTr0ubled0r" # expect: secret-in-state
  }

  filter {
    json_path    = "$.ref"
    match_equals = "refs/heads/{Branch}"
  }
}

resource "aws_cloudwatch_event_connection" "key" {
  name               = "acme"
  authorization_type = "API_KEY"

  auth_parameters {
    api_key {
      key   = "x-api-key"
      value = "bq9zTr0ubled0r" # expect: secret-in-state
    }
  }
}

resource "aws_amplify_app" "site" {
  name                  = "acme"
  access_token          = "bq9zTr0ubled0r"                                # expect: secret-in-state
  environment_variables = { NPM_TOKEN = "bq9zTr0ubled0r", STAGE = "prod" } # expect: secret-in-state
}

resource "aws_codebuild_source_credential" "github" {
  auth_type   = "PERSONAL_ACCESS_TOKEN"
  server_type = "GITHUB"
  token       = "bq9zTr0ubled0r" # expect: secret-in-state
}

resource "aws_codebuild_source_credential" "by_connection" {
  auth_type   = "CODECONNECTIONS"
  server_type = "GITHUB"
  token       = "arn:aws:codeconnections:eu-central-1:123456789012:connection/a"
}

resource "aws_glue_connection" "placeholder" {
  name                  = "acme"
  connection_properties = { USERNAME = "acme", PASSWORD = "REPLACE_ME" }
}
