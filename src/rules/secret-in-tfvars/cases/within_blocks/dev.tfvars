user    = "application-user"
tok     = "tomato-seven-violin"  # expect: secret-in-tfvars
written = "onion-eight-trombone" # expect: secret-in-tfvars
