# git: init -q
# git: add .
variable "keys" {
  type      = map(string)
  sensitive = true
}
