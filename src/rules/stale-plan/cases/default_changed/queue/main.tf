variable "key" {}

variable "word" {
  default = "password"
}

resource "terraform_data" "told" {
  input = "${var.key} ${var.word}"
}
