variable "keys" {
  type      = map(string)
  sensitive = true
  default   = { api = "tomato-seven-violin" } # expect: secret-literal
}

module "by_value" {
  source   = "./holder"
  for_each = toset(nonsensitive(values(var.keys))) # expect: secret-in-state
}

# The names are none.
module "by_name" {
  source   = "./holder"
  for_each = toset(nonsensitive(keys(var.keys)))
}
