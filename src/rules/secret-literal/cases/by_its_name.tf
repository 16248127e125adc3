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
  secret_names = ["violin-tomato-91"]
}
