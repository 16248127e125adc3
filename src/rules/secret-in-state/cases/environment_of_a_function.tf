data "terraform_remote_state" "data" {
  backend = "s3"
  config  = { bucket = "acme-state", key = "data", region = "eu-central-1" }
}

resource "aws_lambda_function" "named" {
  function_name = "a"
  role          = "arn:aws:iam::123456789012:role/a"

  environment {
    variables = {
      STAGE       = "prod"
      DB_PASSWORD = "bq9zTr0ubled0r" # expect: secret-in-state
    }
  }
}

resource "aws_lambda_function" "from_elsewhere" {
  function_name = "b"
  role          = "arn:aws:iam::123456789012:role/a"

  environment {
    variables = { DB_PASSWORD = data.terraform_remote_state.data.outputs.password } # expect-undecided: secret-in-state
  }
}

resource "aws_lambda_function" "harmless" {
  function_name = "c"
  role          = "arn:aws:iam::123456789012:role/a"

  environment {
    variables = {
      DB_SECRET_ARN   = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbCdEf"
      DB_SECRET       = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbCdEf"
      TOKEN_VALIDITY  = "3600"
      VERIFY_TOKEN    = "true"
      API_TOKEN       = "REPLACE_ME"
      KMS_SECRET_ARN  = data.terraform_remote_state.data.outputs.key
      AUTH_TOKEN      = aws_sqs_queue.this.arn
      PUBLISHABLE_KEY = "pk_live_51Hq9zTr0ubled0r"
    }
  }
}

resource "aws_sqs_queue" "this" {
  name = "a"
}

resource "aws_codebuild_project" "variables" {
  name         = "acme"
  service_role = "arn:aws:iam::123456789012:role/a"

  artifacts {
    type = "NO_ARTIFACTS"
  }

  environment {
    compute_type = "BUILD_GENERAL1_SMALL"
    image        = "aws/codebuild/standard:7.0"
    type         = "LINUX_CONTAINER"

    environment_variable {
      name  = "NPM_TOKEN"
      value = "bq9zTr0ubled0r" # expect: secret-in-state
    }
  }

  source {
    type      = "NO_SOURCE"
    buildspec = "version: 0.2"
  }
}

resource "aws_codebuild_project" "by_reference" {
  name         = "other"
  service_role = "arn:aws:iam::123456789012:role/a"

  artifacts {
    type = "NO_ARTIFACTS"
  }

  environment {
    compute_type = "BUILD_GENERAL1_SMALL"
    image        = "aws/codebuild/standard:7.0"
    type         = "LINUX_CONTAINER"

    environment_variable {
      name  = "NPM_TOKEN"
      type  = "SECRETS_MANAGER"
      value = "acme/npm"
    }
  }

  source {
    type      = "NO_SOURCE"
    buildspec = "version: 0.2"
  }
}
