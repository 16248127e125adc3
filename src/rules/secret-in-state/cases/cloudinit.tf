# What `cloudinit_config` renders holds what goes into it, compressed or not; the checksum of it tells nothing.
terraform {
  required_providers {
    cloudinit = { source = "hashicorp/cloudinit" }
  }
}

variable "database_password" {
  type      = string
  sensitive = true
}

variable "packages" {
  type    = list(string)
  default = ["curl"]
}

data "cloudinit_config" "secret" { # expect: secret-in-state
  part {
    content = "DATABASE_PASSWORD=${var.database_password}" # expect: secret-in-state
  }
}

data "cloudinit_config" "plain" {
  gzip = false

  part {
    content_type = "text/cloud-config"
    content      = yamlencode({ packages = var.packages })
  }
}

resource "aws_launch_template" "secret" {
  name      = "secret"
  user_data = data.cloudinit_config.secret.rendered # expect: secret-in-state
}

resource "aws_launch_template" "plain" {
  name      = "plain"
  user_data = data.cloudinit_config.plain.rendered
}

output "checksum" {
  value = data.cloudinit_config.secret.id
}
