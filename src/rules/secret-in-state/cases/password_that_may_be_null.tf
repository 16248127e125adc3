data "terraform_remote_state" "data" {
  backend = "s3"
  config  = { bucket = "acme-state", key = "data", region = "eu-central-1" }
}

data "external" "this" {
  program = ["pass", "show", "acme"]
}

variable "snapshot" {
  type = string
}

resource "aws_db_instance" "by_variable" {
  identifier          = "a"
  password            = var.snapshot == "" ? data.external.this.result.password : null # expect-undecided: secret-in-state
  deletion_protection = true
}

resource "aws_db_instance" "by_source" {
  identifier          = "b"
  password            = data.terraform_remote_state.data.outputs.restored ? null : data.external.this.result.password # expect-undecided: secret-in-state
  deletion_protection = true
}

resource "aws_db_instance" "none" {
  identifier                  = "c"
  password                    = null
  manage_master_user_password = true
  deletion_protection         = true
}
