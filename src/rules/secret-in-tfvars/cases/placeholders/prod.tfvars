stripe_secret_key = "REPLACE_ME"
csrf_secret       = null
jwt_secret_arn    = "arn:aws:secretsmanager:us-east-1:123456789012:secret:acme-jwt-AbCdEf"
region            = "us-east-1"
