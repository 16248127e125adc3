variable "key" {}

variable "word" {
  default = "host"
}

resource "terraform_data" "told" {
  input = "${var.key} ${var.word}"
}
