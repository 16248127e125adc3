database = { # expect: secret-in-tfvars
  host       = "db.example.com"
  password   = "violin-tomato-91"
  jwt_secret = "acme/jwt-secret"
}
