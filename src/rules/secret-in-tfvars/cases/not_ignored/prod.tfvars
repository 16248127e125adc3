stripe_secret_key = "tomato-seven-violin" # expect: secret-in-tfvars
