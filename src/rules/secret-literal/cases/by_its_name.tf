variable "db_password" {
  default = "violin-tomato-91" # expect: secret-literal
}

variable "settings" {
  default = { # expect: secret-literal
    api_token = "violin-tomato-91"
  }
}

locals {
  api_key = "violin-tomato-91" # expect: secret-literal

  jwt_secret   = "acme/jwt-secret"
  secret_key   = "MONGODB_URI"
  token        = "REPLACE_ME"
  password     = var.db_password
  descriptions = { jwt_secret = "Signs the session tokens" }
  tracked      = { jwt_secret = "AbCdEf|3f0c2a1e-5c1d-4c8e-9a8f-2b7d1e6f4a90" }
  secret_names = ["violin-tomato-91"]
}
