resource "aws_db_instance" "main" { # expect: unprotected-secret
  identifier                  = "acme"
  engine                      = "postgres"
  instance_class              = "db.t4g.micro"
  allocated_storage           = 20
  username                    = "acme"
  manage_master_user_password = true
  skip_final_snapshot         = false
  final_snapshot_identifier   = "acme-final"
}
