# git: init -q
# git: add -f .
# ignored: *.tfvars
variable "stripe_secret_key" {
  type      = string
  sensitive = true
}
