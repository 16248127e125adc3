variable "name" {
  type = string
}

variable "value" {
  type      = string
  sensitive = true
}
