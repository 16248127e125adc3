resource "aws_cognito_user_pool" "users" {
  name = "users"
}

resource "aws_cognito_user_pool_client" "web" {
  name         = "web"
  user_pool_id = aws_cognito_user_pool.users.id
}

resource "aws_cognito_user_pool_client" "phone" {
  name            = "phone"
  user_pool_id    = aws_cognito_user_pool.users.id
  generate_secret = false
}

resource "aws_cognito_user_pool_client" "server" { # expect: secret-in-state
  name            = "server"
  user_pool_id    = aws_cognito_user_pool.users.id
  generate_secret = true
}
