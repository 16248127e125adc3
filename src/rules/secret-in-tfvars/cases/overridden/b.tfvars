stripe_secret_key = "REPLACE_ME"
