resource "random_password" "this" { # expect: secret-in-state
  length = 24
}

output "password" {
  value     = random_password.this.result
  sensitive = true
}

output "host" {
  value = "db.example.com"
}
