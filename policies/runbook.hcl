# Promises of the runbook: the flags by which its modules are steered, and the secrets that its containers need.
# Each rule applies where a root declares what it is about.

rule "emergency-http-forwarding" {
  level       = "error"
  waiver_days = 7
  parameters  = { variables = ["force_http_forwarding"] }
}

rule "certificate-wait-disabled" {
  level = "error"
  parameters = {
    variables = ["wait_for_certificate_validation"]
    enabled   = ["enable_acm"]
  }
}

rule "dns-not-delegated" {
  level      = "error"
  parameters = {
    variables = ["enable_acm", "enable_route53", "dns_delegated"]
    declared  = ["dns_delegated"]
  }
}

rule "missing-container-secret" {
  level   = "error"
  entries = "containers"
  parameters = {
    containers = { api = ["STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"] }
    declared   = ["force_http_forwarding", "wait_for_certificate_validation", "dns_delegated"]
  }
}

rule "service-not-attached" {
  level = "error"
}

rule "unhealthy-health-check" {
  level = "error"
  parameters = {
    endpoints  = []
    paths      = ["/health"]
    containers = ["api"]
    declared   = ["force_http_forwarding", "wait_for_certificate_validation", "dns_delegated"]
  }
}

rule "unroutable-endpoint" {
  level = "error"
  parameters = {
    endpoints  = []
    paths      = ["POST /webhooks/stripe", "GET /health"]
    containers = ["api"]
    declared   = ["force_http_forwarding", "wait_for_certificate_validation", "dns_delegated"]
  }
}

rule "missing-output" {
  level = "error"
  parameters = {
    outputs  = ["aws_region", "ecs_cluster_name", "ecs_api_service_name"]
    declared = ["force_http_forwarding", "wait_for_certificate_validation", "dns_delegated"]
  }
}
