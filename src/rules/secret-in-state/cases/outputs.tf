variable "token" {
  type      = string
  sensitive = true
}

output "token" {
  value     = var.token # expect: secret-in-state
  sensitive = true
}

output "length" {
  value     = length(var.token)
  sensitive = true
}

output "unmasked" {
  value = nonsensitive(var.token) # expect: secret-in-state
}
