db_password = "violin-tomato-91" # expect: secret-in-tfvars
settings = { # expect: secret-in-tfvars
  size      = "small"
  api_token = "tomato-violin-17"
}
k          = "violin-orchid-53" # expect: secret-in-tfvars
jwt_secret = "acme/jwt-secret"
