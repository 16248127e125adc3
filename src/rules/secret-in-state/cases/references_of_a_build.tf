resource "aws_codebuild_project" "right" {
  name         = "right"
  service_role = "arn:aws:iam::123456789012:role/build"

  artifacts {
    type = "NO_ARTIFACTS"
  }

  source {
    type = "NO_SOURCE"

    buildspec = yamlencode({
      version = "0.2"
      env = {
        "parameter-store" = { NPM_TOKEN = "npm-token-prod" }
        "secrets-manager" = { DB_PASSWORD = "acme/prod/db:password" }
      }
      phases = { build = { commands = ["make"] } }
    })
  }

  environment {
    compute_type = "BUILD_GENERAL1_SMALL"
    image        = "aws/codebuild/standard:7.0"
    type         = "LINUX_CONTAINER"
  }
}

resource "aws_codebuild_project" "written" {
  name         = "written"
  service_role = "arn:aws:iam::123456789012:role/build"

  artifacts {
    type = "NO_ARTIFACTS"
  }

  source {
    type      = "NO_SOURCE"
    buildspec = <<-EOT
      version: 0.2
      env:
        secrets-manager:
          DOCKERHUB_TOKEN: dockerhub:token

          NPM_TOKEN: npm/prod:token:AWSCURRENT
    EOT
  }

  environment {
    compute_type = "BUILD_GENERAL1_SMALL"
    image        = "aws/codebuild/standard:7.0"
    type         = "LINUX_CONTAINER"
  }
}

resource "aws_codebuild_project" "json" {
  name         = "json"
  service_role = "arn:aws:iam::123456789012:role/build"

  artifacts {
    type = "NO_ARTIFACTS"
  }

  source {
    type = "NO_SOURCE"

    buildspec = jsonencode({ env = { "secrets-manager" = { DB_PASSWORD = "acme/prod/db:password" } } })
  }

  environment {
    compute_type = "BUILD_GENERAL1_SMALL"
    image        = "aws/codebuild/standard:7.0"
    type         = "LINUX_CONTAINER"
  }
}

resource "aws_codebuild_project" "wrong" {
  name         = "wrong"
  service_role = "arn:aws:iam::123456789012:role/build"

  artifacts {
    type = "NO_ARTIFACTS"
  }

  source {
    type = "NO_SOURCE"

    buildspec = yamlencode({ # expect: secret-in-state
      env = {
        "secrets-manager" = { DB_PASSWORD = "acme/prod/db:password" }
        variables         = { API_TOKEN = "violin-Tomato-seven-91" }
      }
    })
  }

  environment {
    compute_type = "BUILD_GENERAL1_SMALL"
    image        = "aws/codebuild/standard:7.0"
    type         = "LINUX_CONTAINER"
  }
}
