variable "names" {
  type = set(string)
}

module "database" {
  source   = "./database"
  for_each = var.names
}

resource "terraform_data" "by_key" {
  input = module.database["api"].password # expect: secret-in-state
}

resource "terraform_data" "for" {
  input = [for one in module.database : one.password] # expect: secret-in-state
}

resource "terraform_data" "harmless" {
  input = [for one in module.database : one.host]
}
