variable "pw" {
  type      = string
  sensitive = true
}

variable "token" {
  type      = string
  sensitive = true
}

# Each variable of the environment is a finding of its own: a waiver of one hides no other.
resource "aws_lambda_function" "function" {
  function_name = "function"
  role          = "arn:aws:iam::123456789012:role/function"

  environment {
    variables = {
      API_TOKEN = "violin-tomato-seven-91" # expect: secret-in-state
      DB        = var.pw                   # expect: secret-in-state
      MODE      = "live"
      UP        = var.token # expect: secret-in-state
    }
  }
}

# The tags that the provider keeps of these are no findings again.
resource "aws_sqs_queue" "queue" {
  name = "queue"
  tags = {
    Name  = "queue"
    Owner = var.pw # expect: secret-in-state
  }
}

# What several parts hold alike is one thing.
resource "terraform_data" "twice" {
  input = [var.pw, { upper = upper(var.pw) }] # expect: secret-in-state
}
