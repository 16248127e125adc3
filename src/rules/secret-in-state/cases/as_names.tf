ephemeral "random_password" "harmless" {
  length = 24
}

resource "random_password" "this" { # expect: secret-in-state
  length = 24
}

resource "terraform_data" "keys" {
  input = keys({ (random_password.this.result) = true }) # expect: secret-in-state
}

resource "terraform_data" "first" {
  input = one(keys({ (random_password.this.result) = true })) # expect: secret-in-state
}

resource "terraform_data" "parts" {
  input = split("-", random_password.this.result) # expect: secret-in-state
}

resource "terraform_data" "harmless" {
  input = [
    keys({ password = random_password.this.result }),
    length(random_password.this.result),
    [for part in ["a", "b"] : length("${part}${random_password.this.result}")],
  ]
}
