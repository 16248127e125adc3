# git: init -q
# git: add .
# environment: dev
terraform {
  required_providers {
    dog = { source = "datadog/datadog" }
  }
}

variable "key_id" {
  type = string
}

variable "key" {
  type = string
}

variable "monitoring" {
  type = object({ application = string, site = string })
}

variable "cluster" {
  type = string
}

variable "region" {
  type = string
}

provider "aws" {
  region     = var.region
  access_key = var.key_id
  secret_key = var.key
}

provider "dog" {
  app_key = var.monitoring.application
  api_url = "https://api.${var.monitoring.site}/"
}

provider "helm" {
  alias = "main"

  kubernetes {
    host  = "https://cluster.example.com"
    token = local.token
  }
}

locals {
  token = "bearer-${var.cluster}"
}

resource "terraform_data" "this" {
  input = var.region
}
