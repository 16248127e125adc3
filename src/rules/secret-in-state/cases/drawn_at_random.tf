resource "random_id" "this" {
  byte_length = 16
}

resource "random_string" "this" {
  length = 24
}

resource "aws_db_instance" "this" {
  instance_class      = "db.t4g.micro"
  password            = random_id.this.hex # expect: secret-in-state
  deletion_protection = true
}

resource "aws_secretsmanager_secret_version" "key" {
  secret_id     = "arn:aws:secretsmanager:us-east-1:123456789012:secret:key-AbCdEf"
  secret_string = "key-${random_string.this.result}" # expect: secret-in-state
}

resource "aws_secretsmanager_secret_version" "database" {
  secret_id     = "arn:aws:secretsmanager:us-east-1:123456789012:secret:database-AbCdEf"
  secret_string = jsonencode({ dbname = "app_${random_id.this.hex}", password = "REPLACE_ME" })

  lifecycle {
    ignore_changes = [secret_string]
  }
}

resource "aws_s3_bucket" "this" {
  bucket = "assets-${random_id.this.hex}"
}
