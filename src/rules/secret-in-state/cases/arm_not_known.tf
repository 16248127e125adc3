variable "password" {
  type      = string
  sensitive = true
}

variable "is_on" {
  type = bool
}

locals {
  account = var.is_on ? { user = "api", password = var.password } : { user = "none", password = "" }
}

resource "terraform_data" "map" {
  input = var.is_on ? { TOKEN = var.password } : {} # expect: secret-in-state
}

resource "terraform_data" "object" {
  input = local.account # expect: secret-in-state
}

resource "terraform_data" "member" {
  input = local.account.password # expect: secret-in-state
}

resource "terraform_data" "list" {
  input = var.is_on ? [var.password] : [] # expect: secret-in-state
}

resource "terraform_data" "first" {
  input = one(var.is_on ? [var.password] : []) # expect: secret-in-state
}

resource "terraform_data" "null" {
  input = var.is_on ? { nested = [{ token = var.password }] } : null # expect: secret-in-state
}

resource "terraform_data" "text" {
  input = jsonencode(local.account) # expect: secret-in-state
}

resource "terraform_data" "for" {
  input = [for name, value in local.account : upper(value)] # expect: secret-in-state
}

resource "terraform_data" "filtered" {
  input = [for value in [var.password, "none"] : value if var.is_on] # expect: secret-in-state
}

resource "terraform_data" "looked_up" {
  input = lookup(var.is_on ? { a = "b" } : {}, "c", var.password) # expect: secret-in-state
}

resource "aws_lambda_function" "this" {
  function_name = "api"
  role          = "arn:aws:iam::123456789012:role/api"

  environment {
    variables = var.is_on ? { API_TOKEN = var.password } : {} # expect: secret-in-state
  }
}

resource "terraform_data" "harmless" {
  input = [
    local.account.user,
    keys(local.account),
    length(var.is_on ? [var.password] : []),
    [for name, value in local.account : name],
    var.is_on ? { LOG_LEVEL = "info" } : {},
  ]
}
