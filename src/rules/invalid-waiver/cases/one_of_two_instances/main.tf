resource "terraform_data" "notify" {
  count = 2

  provisioner "local-exec" {
    command = "notify --key sk_live_51MadeUp7qK2vX9bT4nL0wZc" # expect: secret-literal
  }
}
