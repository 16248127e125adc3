# git: init -q
# git: add .
variable "document" {
  type = string
}

variable "script" {
  type = string
}

variable "header" {
  type = string
}

variable "usage" {
  type = string
}

variable "network" {
  type      = string
  sensitive = true
}
