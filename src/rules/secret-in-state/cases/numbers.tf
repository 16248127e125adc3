# var: pin=73190248
# var: port=5432
# var: password=Xk29vTq0pLm7
variable "pin" {
  type      = number
  sensitive = true
}

variable "not_given" {
  type      = number
  sensitive = true
}

variable "port" {
  type      = number
  sensitive = true
}

variable "password" {
  type      = string
  sensitive = true
}

resource "terraform_data" "pin" {
  input = var.pin # expect: secret-in-state
}

resource "terraform_data" "not_given" {
  input = { pin = var.not_given } # expect: secret-in-state
}

resource "terraform_data" "text" {
  input = "pin ${var.pin}" # expect: secret-in-state
}

output "pin" {
  value     = var.pin # expect: secret-in-state
  sensitive = true
}

resource "terraform_data" "harmless" {
  input = [var.port, length(var.password), length("pin ${var.pin}"), var.pin > 1000]
}
