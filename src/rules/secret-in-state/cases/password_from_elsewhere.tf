data "terraform_remote_state" "data" {
  backend = "s3"
  config  = { bucket = "acme-state", key = "data", region = "eu-central-1" }
}

data "external" "this" {
  program = ["pass", "show", "acme"]
}

data "http" "this" {
  url = "https://vault.example.com/v1/acme"
}

data "vault_generic_secret" "this" { # expect: secret-in-state
  path = "secret/acme"
}

data "sops_file" "this" { # expect: secret-in-state
  source_file = "acme.enc.yaml"
}

data "aws_ssm_parameter" "this" { # expect-undecided: secret-in-state
  name = "acme"
}

resource "aws_rds_cluster" "remote_state" {
  cluster_identifier  = "a"
  engine              = "aurora-postgresql"
  master_username     = "acme"
  master_password     = data.terraform_remote_state.data.outputs.db_password # expect: secret-in-state
  deletion_protection = true
}

resource "aws_db_instance" "external" {
  identifier          = "b"
  password            = data.external.this.result.password # expect: secret-in-state
  deletion_protection = true
}

resource "aws_db_instance" "http" {
  identifier          = "c"
  password            = jsondecode(data.http.this.response_body).password # expect: secret-in-state
  deletion_protection = true
}

resource "aws_db_instance" "vault" {
  identifier          = "d"
  password            = data.vault_generic_secret.this.data["password"] # expect: secret-in-state
  deletion_protection = true
}

resource "aws_db_instance" "sops" {
  identifier          = "e"
  password            = data.sops_file.this.data["db.password"] # expect: secret-in-state
  deletion_protection = true
}

resource "aws_db_instance" "parameter" {
  identifier          = "f"
  password            = data.aws_ssm_parameter.this.value # expect: secret-in-state
  deletion_protection = true
}

resource "aws_db_instance" "function" {
  identifier          = "g"
  password            = uuid() # expect: secret-in-state
  deletion_protection = true
}

resource "aws_db_instance" "composed" {
  identifier          = "h"
  password            = "${data.external.this.result.a}-${data.external.this.result.b}" # expect: secret-in-state
  deletion_protection = true
}

resource "aws_db_instance" "write_only" {
  identifier          = "i"
  password_wo         = data.terraform_remote_state.data.outputs.db_password
  password_wo_version = 1
  deletion_protection = true
}
