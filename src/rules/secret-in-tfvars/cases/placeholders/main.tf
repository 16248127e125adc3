# git: init -q
# git: add .
variable "stripe_secret_key" {
  type      = string
  sensitive = true
}

variable "csrf_secret" {
  type      = string
  sensitive = true
  default   = null
}

variable "jwt_secret_arn" {
  type      = string
  sensitive = true
}

variable "region" {
  type = string
}
