variable "token" {
  type      = string
  sensitive = true
}

variable "dsn" {
  type      = string
  sensitive = true
}

variable "callback" {
  type      = string
  sensitive = true
}
