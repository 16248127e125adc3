# git: init -q
# git: add main.tf
variable "stripe_secret_key" {
  type      = string
  sensitive = true
}
