variable "count_of_zones" {
  type    = number
  default = 2
}

check "three" {
  assert {
    condition     = var.count_of_zones == 3 # expect: condition-failed
    error_message = "Three."
  }
}
