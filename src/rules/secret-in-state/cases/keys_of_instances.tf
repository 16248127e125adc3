# var: token=abc
variable "token" {
  type      = string
  sensitive = true
}

variable "tokens" {
  type      = map(string)
  sensitive = true
  default   = { api = "def" }
}

resource "terraform_data" "of_a_map" {
  for_each = nonsensitive(var.tokens)

  input = each.value # expect: secret-in-state
}

resource "terraform_data" "of_a_set" {
  for_each = toset([nonsensitive(var.token)])

  input = each.value # expect: secret-in-state
}

resource "terraform_data" "key_of_a_set" {
  for_each = toset([nonsensitive(var.token)])

  input = "token ${each.key}" # expect: secret-in-state
}

# The names are none.
resource "aws_secretsmanager_secret" "harmless" {
  for_each = nonsensitive(toset(keys(var.tokens)))

  name = "acme/${each.key}"
}

variable "key" {
  type      = string
  sensitive = true
  default   = "tomato-seven-violin" # expect: secret-literal
}

resource "terraform_data" "with_a_secret_key" {
  for_each = toset([nonsensitive(var.key)]) # expect: secret-in-state

  input = "x"
}
