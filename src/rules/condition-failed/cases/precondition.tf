variable "name" {
  type    = string
  default = "a"
}

resource "terraform_data" "one" {
  input = 1

  lifecycle {
    precondition {
      condition     = length(var.name) == 2 # expect: condition-failed
      error_message = "Two."
    }
  }
}
