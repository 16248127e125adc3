# Promises that hold for any service on AWS behind a load balancer. On by default.

rule "http-listener-forwards" {
  level = "error"
}

rule "missing-https-listener" {
  level      = "error"
  parameters = { declared = ["force_http_forwarding"] }
}

rule "unvalidated-certificate" {
  level = "error"
}

rule "plaintext-container-secret" {
  level = "error"
  parameters = {
    names = [
      "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "*_PASSWORD", "*PASSWD", "*_SECRET", "*_SECRET_KEY",
      "*_TOKEN", "*_API_KEY", "*_PRIVATE_KEY", "*_ACCESS_KEY", "PASSWORD", "SECRET", "TOKEN", "API_KEY",
      "JWT_SECRET", "JWT_SECRETS", "CSRF_SECRET", "SESSION_SECRET", "SESSION_KEY", "*_SESSION_KEY", "*_SIGNING_KEY",
      "SIGNING_KEY", "*_ENCRYPTION_KEY", "ENCRYPTION_KEY", "PRIVATE_KEY", "*_PASS", "PGPASSWORD", "*_SECRET_V*",
      "*_PWD", "SECRET_KEY", "SECRET_KEY_BASE", "APP_KEY", "APP_KEYS", "*_MASTER_KEY", "MASTER_KEY",
      "*_FERNET_KEY", "FERNET_KEY", "*_SALT", "*PASSWORD", "DBPASS", "*APIKEY", "*PASSPHRASE", "*_PAT", "*STRIPE_KEY",
      "*LICENSE_KEY", "*_AUTH_KEY", "*_HMAC_KEY", "*REDIS_AUTH", "*BASIC_AUTH", "*CREDENTIALS",
    ]
    public = ["NEXT_PUBLIC_*", "VITE_*", "REACT_APP_*", "*_PUBLISHABLE_KEY", "*_PUBLIC_KEY"]
  }
}

rule "unreadable-container-secret" {
  level = "error"
}

rule "create-would-collide" {
  level = "error"
}

rule "protected-resource-destroyed" {
  level = "error"
  parameters = {
    types = [
      "aws_lb", "aws_lb_listener", "aws_lb_target_group", "aws_elb", "aws_acm_certificate",
      "aws_secretsmanager_secret", "aws_ssm_parameter", "aws_route53_zone",
      "aws_kms_key", "aws_kms_external_key", "aws_kms_replica_key",
      "aws_db_instance", "aws_rds_cluster", "aws_rds_global_cluster", "aws_docdb_cluster", "aws_neptune_cluster",
      "aws_dynamodb_table", "aws_redshift_cluster", "aws_elasticache_replication_group", "aws_memorydb_cluster",
      "aws_docdbelastic_cluster", "aws_dsql_cluster", "aws_elasticache_serverless_cache", "aws_keyspaces_table",
      "aws_lightsail_database", "aws_redshiftserverless_namespace", "aws_timestreamwrite_database",
    ]
  }
}

rule "plan-or-state-committed" {
  level = "error"
  parameters = {
    names = ["*.tfstate", "*.tfstate.*", "*plan*", "*state*.json", "crash.log", "crash.*.log"]
  }
}

rule "secret-in-state" {
  level = "error"
}

rule "secret-in-tfvars" {
  level = "error"
}

rule "secret-literal" {
  level = "error"
}

rule "secret-overwritten" {
  level = "error"
}

rule "secret-version-imported" {
  level = "error"
}

rule "stale-plan" {
  level = "error"
}

rule "unprotected-secret" {
  level = "error"
}

rule "condition-failed" {
  level = "error"
}

rule "module-not-read" {
  level = "error"
}

rule "invalid-waiver" {
  level       = "error"
  waiver_days = 0
}
