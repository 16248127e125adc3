terraform {
  backend "http" {
    address  = "https://git.acme.net/state"
    username = "deployment-user-7"
    password = "violin-tomato-seven-91" # expect: secret-literal
  }
}

locals {
  gh_token = "violin-tomato-eight-92" # expect: secret-literal
}

provider "github" {
  token = local.gh_token
}

provider "postgresql" {
  host     = "db.acme.net"
  username = "deployment-user-7"
  password = "violin-tomato-nine-93" # expect: secret-literal
}

provider "datadog" {
  api_key = "REPLACE_ME"
  app_key = var.app_key
}

variable "app_key" {
  type    = string
  default = "violin-tomato-ten-94" # expect: secret-literal
}

variable "pw" {
  type      = string
  sensitive = true
  default   = "violin-tomato-eleven-95" # expect: secret-literal
}

variable "contact" {
  type      = object({ mail = string, username = string, password = string })
  sensitive = true
  default = {
    mail     = "ops@acme.net"
    username = "deployment-user-7"
    password = "postgres"
  }
}

variable "open" {
  type    = string
  default = "violin-tomato-twelve-96"
}
