resource "aws_rds_cluster" "main" {
  cluster_identifier          = "acme"
  engine                      = "aurora-postgresql"
  master_username             = "acme"
  manage_master_user_password = true
  deletion_protection         = false # expect: unprotected-secret
}

resource "aws_docdb_cluster" "main" { # expect: unprotected-secret
  cluster_identifier = "acme-documents"
}
