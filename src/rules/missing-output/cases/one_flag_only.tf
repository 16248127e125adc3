variable "dns_delegated" {
  type    = bool
  default = true
}

output "aws_region" {
  value = "us-east-1"
}
