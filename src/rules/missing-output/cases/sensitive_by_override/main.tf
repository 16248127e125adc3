variable "force_http_forwarding" {
  type    = bool
  default = false
}

variable "wait_for_certificate_validation" {
  type    = bool
  default = true
}

variable "dns_delegated" {
  type    = bool
  default = true
}

output "aws_region" {
  value = "us-east-1"
}

output "ecs_cluster_name" {
  value = "acme"
}

output "ecs_api_service_name" {
  value = "api"
}
