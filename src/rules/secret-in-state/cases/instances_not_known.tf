variable "names" {
  type = set(string)
}

variable "number" {
  type = number
}

resource "random_password" "keyed" { # expect: secret-in-state
  for_each = var.names
  length   = 24
}

resource "random_password" "counted" { # expect: secret-in-state
  count  = var.number
  length = 24
}

resource "terraform_data" "by_key" {
  input = random_password.keyed["api"].result # expect: secret-in-state
}

resource "terraform_data" "by_index" {
  input = random_password.counted[0].result # expect: secret-in-state
}

resource "terraform_data" "splat" {
  input = random_password.counted[*].result # expect: secret-in-state
}

resource "terraform_data" "for" {
  input = { for name, one in random_password.keyed : name => one.result } # expect: secret-in-state
}

resource "terraform_data" "values" {
  input = values(random_password.keyed)[*].result # expect: secret-in-state
}

resource "terraform_data" "one" {
  input = one(random_password.counted[*].result) # expect: secret-in-state
}

resource "terraform_data" "try" {
  input = try(random_password.counted[0].result, null) # expect: secret-in-state
}

resource "terraform_data" "instead" {
  input = try(random_password.counted[0].id, random_password.counted[1].result) # expect: secret-in-state
}

resource "terraform_data" "whole" {
  input = random_password.counted # expect: secret-in-state
}

resource "terraform_data" "converted" {
  input = tomap({ for name, one in random_password.keyed : name => "${name}:${one.result}" }) # expect: secret-in-state
}

resource "terraform_data" "each" {
  for_each = random_password.keyed

  input = each.value.result # expect: secret-in-state
}

resource "aws_db_instance" "this" {
  for_each = var.names

  engine              = "postgres"
  instance_class      = "db.t4g.micro"
  username            = "api"
  password            = random_password.keyed[each.key].result # expect: secret-in-state
  deletion_protection = true
}

resource "terraform_data" "harmless" {
  input = [
    length(random_password.counted),
    keys(random_password.keyed),
    random_password.counted[0].length,
    values(random_password.keyed)[*].length,
    [for one in aws_db_instance.this : one.endpoint],
    { for name, one in aws_db_instance.this : name => one.arn },
    values(aws_db_instance.this)[*].address,
    one(random_password.counted[*].id),
  ]
}

output "endpoints" {
  value = { for name, one in aws_db_instance.this : name => { host = one.address, port = one.port } }
}
