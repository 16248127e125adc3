# git: init -q
# git: add .
variable "stripe_secret_key" {
  type      = string
  sensitive = true
}
