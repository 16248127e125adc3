resource "aws_sqs_queue" "this" {
  name = "acme-m"
}

output "upstream" {
  value     = "violin-tomato-91"
  sensitive = true
}

output "database" {
  value     = { username = "acme-user-77" }
  sensitive = true
}

output "queue" {
  value     = aws_sqs_queue.this.url
  sensitive = true
}

output "email" {
  value     = "ops@example.com"
  sensitive = true
}
