variable "days" {
  type    = number
  default = 7

  validation {
    condition     = var.days >= 7
    error_message = "At least seven."
  }
}
