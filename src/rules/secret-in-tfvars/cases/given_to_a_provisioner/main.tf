# git: init -q
# git: add .
variable "k" {
  type = string
}

variable "p" {
  type = string
}

variable "host" {
  type = string
}

locals {
  password = var.p
}

resource "terraform_data" "this" {
  connection {
    host     = var.host
    password = var.k
  }

  provisioner "local-exec" {
    command     = "true"
    environment = { PGPASSWORD = local.password }
  }

  provisioner "remote-exec" {
    inline = ["true"]

    connection {
      host     = "a.example.com"
      password = "violin-tomato-91" # expect: secret-literal
    }
  }
}
