variable "days" {
  type    = number
  default = 3
}

output "one" {
  value = 1

  precondition {
    condition     = var.days > 7 # expect: condition-failed
    error_message = "More than seven."
  }
}
