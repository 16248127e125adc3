locals {
  payments = "sk_live_51MadeUp7qK2vX9bT4nL0wZc" # expect: secret-literal
}

locals {
  settings = [{ name = "DB_PASSWORD", value = "violin-tomato-91" }] # expect: secret-literal
  names    = [{ name = "DB_PASSWORD", value = "acme/db-password" }]
}
