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

resource "aws_cloudfront_distribution" "header" {
  enabled = true
  origin {
    domain_name = "app.example.com"
    origin_id   = "app"
    custom_header {
      name  = "X-Origin-Verify"
      value = random_string.this.result # expect: secret-in-state
    }
  }
}

resource "aws_lb_listener_rule" "header" {
  listener_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/acme/0123456789abcdef/0123456789abcdef"
  action {
    type = "fixed-response"
    fixed_response {
      content_type = "text/plain"
    }
  }
  condition {
    http_header {
      http_header_name = "X-Origin-Verify"
      values           = [random_string.this.result] # expect: secret-in-state
    }
  }
}

resource "aws_sqs_queue" "tag" {
  name = "acme-${random_id.this.hex}"
  tags = { owner = random_id.this.hex, token = random_string.this.result } # expect: secret-in-state
}

resource "aws_instance" "script" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.micro"
  user_data     = "#!/bin/sh\nexport SUFFIX=${random_id.this.hex}\nexport DB_PASSWORD=${random_string.this.result}\n" # expect: secret-in-state
}

resource "aws_instance" "suffix" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.micro"
  user_data     = "#!/bin/sh\nexport SUFFIX=${random_id.this.hex}\n"
}

resource "kubernetes_secret" "app" {
  metadata {
    name = "app-${random_id.this.hex}"
  }
  data = { upstream = random_string.this.result } # expect: secret-in-state
}

resource "helm_release" "app" {
  name   = "app"
  chart  = "app"
  values = [yamlencode({ suffix = random_id.this.hex, auth = { password = random_string.this.result } })] # expect: secret-in-state
}

# The name of a secret with a suffix that is drawn.
resource "aws_secretsmanager_secret" "named" {
  name                    = "acme/jwt-${random_id.this.hex}"
  recovery_window_in_days = 30
}

resource "terraform_data" "refers" {
  input = { secret = aws_secretsmanager_secret.named.name, note = random_string.this.result }
}
