output "name" {
  value = "acme"
}
