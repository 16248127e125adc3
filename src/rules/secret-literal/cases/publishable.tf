locals {
  payments = "pk_live_51MadeUp7qK2vX9bT4nL0wZc"
  example  = "sk_live_xxxxxxxxxxxxxxxxxxxxxxxx"
  template = "postgres://app:${local.payments}@db.example.com/app"
  sample   = "AKIAIOSFODNN7EXAMPLE"
}
