prefix = "acme"
stripe = "tomato-seven-violin" # expect: secret-in-tfvars
