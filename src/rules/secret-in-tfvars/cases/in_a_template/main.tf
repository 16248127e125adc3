# git: init -q
# git: add .
# environment: dev
variable "tok" {
  type = string
}

variable "dsn_pw" {
  type = string
}

variable "host" {
  type = string
}

variable "domain" {
  type = string
}

locals {
  token = "pre-${var.tok}"
}

module "api" {
  source = "./api"

  token    = local.token
  dsn      = "postgres://app:${var.dsn_pw}@${var.host}/app"
  callback = "https://${var.domain}/callback"
}
