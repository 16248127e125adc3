# git: init -q
# git: add .
# ignored: *.tfvars
variable "stripe_secret_key" {
  type      = string
  sensitive = true
}
