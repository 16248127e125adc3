# The plan was made with -destroy, from these sources.
variable "names" {
  type    = set(string)
  default = ["a", "b"]
}

resource "terraform_data" "one" {
  for_each = var.names
  input    = each.key
}

output "count" {
  value = length(terraform_data.one)
}
