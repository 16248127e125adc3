# git: init -q
# git: add .
variable "stripe" {
  type = string
}

variable "name" {
  type = string
}

module "secrets" {
  source = "./secrets"
  name   = var.name
  value  = var.stripe
}
