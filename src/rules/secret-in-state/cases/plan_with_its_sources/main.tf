# var: access=made-up
variable "signing" {
  type      = string
  sensitive = true
  default   = "made-up-violin-0c1d7e9a2b" # expect: secret-literal
}
provider "aws" {
  region     = "eu-west-1"
  access_key = var.access
  secret_key = "mAdEuP3dE5fG7hJ9kL2mN4pQ6rS8tU0vW1xYzA2b" # expect: secret-literal
}
variable "access" {
  type = string
}
resource "random_string" "session" {
  length = 32
}
resource "aws_launch_template" "script" {
  name      = "script"
  user_data = base64encode("#!/bin/sh\nexport DB_PASSWORD=made-up-tulip-5f0c\n") # expect: secret-in-state
}
resource "aws_launch_template" "harmless" {
  name      = "harmless"
  user_data = base64encode("#!/bin/sh\nexport GREETING=made-up-tulip-5f0c\n")
}
resource "aws_lambda_function" "drawn" {
  function_name = "drawn"
  role          = "arn:aws:iam::123456789012:role/x"
  environment {
    variables = { JWT_SECRET = random_string.session.result } # expect: secret-in-state
  }
}
resource "aws_lambda_function" "other" {
  function_name = "other"
  role          = "arn:aws:iam::123456789012:role/x"
  environment {
    variables = { QUEUE = aws_sqs_queue.length.url }
  }
}
resource "aws_sqs_queue" "length" {
  name = "q${length(var.signing)}"
}
resource "aws_sqs_queue" "decided" {
  name = var.signing != "" ? "given" : "none"
}
resource "aws_sqs_queue" "holds" {
  name = "q-${var.signing}" # expect: secret-in-state
}
