variable "db_password" {
  default = "violin-tomato-91" # expect: secret-literal
}

variable "settings" {
  default = { # expect: secret-literal
    api_token = "violin-tomato-91"
  }
}

variable "database" {
  type    = object({ host = string, password = optional(string, "violin-tomato-91") }) # expect: secret-literal
  default = { host = "db.example.com" }
}

resource "aws_secretsmanager_secret_version" "write_only" {
  secret_id                = "arn:aws:secretsmanager:us-east-1:123456789012:secret:key-AbCdEf"
  secret_string_wo         = "violin-tomato-91" # expect: secret-literal
  secret_string_wo_version = 1
}

resource "aws_secretsmanager_secret_version" "placeholder" {
  secret_id                = "arn:aws:secretsmanager:us-east-1:123456789012:secret:other-AbCdEf"
  secret_string_wo         = "REPLACE_ME"
  secret_string_wo_version = 1
}

locals {
  document = jsondecode("{\"password\": \"violin-tomato-91\"}") # expect: secret-literal
  script   = "DB_PASSWORD=violin-tomato-91 ./run"             # expect: secret-literal
  usage    = "DB_PASSWORD=$SECRET ./run"

  api_key = "violin-tomato-91" # expect: secret-literal

  jwt_secret   = "acme/jwt-secret"
  secret_key   = "MONGODB_URI"
  token        = "REPLACE_ME"
  password     = var.db_password
  descriptions = { jwt_secret = "Signs the session tokens" }
  tracked      = { jwt_secret = "AbCdEf|3f0c2a1e-5c1d-4c8e-9a8f-2b7d1e6f4a90" }
  secret_names = ["violin-tomato-91"]
}
