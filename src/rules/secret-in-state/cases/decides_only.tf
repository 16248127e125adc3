variable "license" {
  type      = string
  sensitive = true
  default   = "Tr0ub4dor-and-3" # expect: secret-literal
}

resource "terraform_data" "edition" {
  input = nonsensitive(var.license == "" ? "community" : "enterprise")
}
