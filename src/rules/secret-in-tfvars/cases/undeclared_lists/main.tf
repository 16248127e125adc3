# git: init -q
# git: add .
# environment: prod
variable "ids" {
  type      = map(string)
  sensitive = true
}
