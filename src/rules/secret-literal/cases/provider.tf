provider "aws" {
  region     = "us-east-1"
  access_key = "AKIAQ7MZ2XK3VT4NL5WY"                     # expect: secret-literal
  secret_key = "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" # expect: secret-literal
}
