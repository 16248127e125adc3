stripe_secret_key = "tomato-seven-violin"
