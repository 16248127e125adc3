resource "terraform_data" "first" {
  input = "x"
}

resource "terraform_data" "second" {
  input = "x"
}
