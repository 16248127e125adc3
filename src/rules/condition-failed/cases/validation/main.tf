variable "days" {
  type = number

  validation {
    condition     = var.days >= 7
    error_message = "At least seven."
  }
}
