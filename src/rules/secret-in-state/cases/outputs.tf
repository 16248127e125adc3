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

resource "random_string" "drawn" {
  length = 32
}

output "db_password" {
  value = random_string.drawn.result # expect: secret-in-state
}

output "suffix" {
  value = random_string.drawn.result
}

output "upstream" {
  value     = "violin-tomato-91" # expect: secret-in-state
  sensitive = true
}

output "upstream_host" {
  value     = "violin-tomato-91"
  sensitive = true
}

variable "db" {
  type      = object({ host = string, password = string })
  sensitive = true
  default   = { host = "db.example.com", password = "violin-tomato-91" } # expect: secret-literal
}

output "members" {
  value     = keys(var.db)
  sensitive = true
}
