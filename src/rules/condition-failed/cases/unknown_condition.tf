variable "days" {
  type = number

  validation {
    condition     = var.days >= 7 # expect-undecided: condition-failed
    error_message = "At least seven."
  }
}
