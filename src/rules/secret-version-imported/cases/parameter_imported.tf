import { # expect: secret-version-imported
  to = aws_ssm_parameter.stripe
  id = "/acme/stripe"
}

resource "aws_ssm_parameter" "stripe" {
  name             = "/acme/stripe"
  type             = "SecureString"
  value_wo         = "REPLACE_ME"
  value_wo_version = 1
}

import {
  to = aws_ssm_parameter.mode
  id = "/acme/mode"
}

resource "aws_ssm_parameter" "mode" {
  name  = "/acme/mode"
  type  = "String"
  value = "fast"
}
