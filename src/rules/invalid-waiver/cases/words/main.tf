locals {
  key = "sk_live_51MadeUp7qK2vX9bT4nL0wZc" # expect-waived: secret-literal
}
