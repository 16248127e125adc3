master = "tomato-seven-violin" # expect: secret-in-tfvars
