variable "stripe_secret_key" {
  type      = string
  sensitive = true
}
