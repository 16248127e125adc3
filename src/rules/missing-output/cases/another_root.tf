output "aws_region" {
  value = "us-east-1"
}
