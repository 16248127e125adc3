ids         = { zone = "Z0123456789ABCDEFGHIJ", vpc = "vpc-0123456789abcdef0" }
passwords   = ["violin-tomato-91"]                           # expect: secret-in-tfvars
tokens      = { stripe = "violin-tomato-92" }                # expect: secret-in-tfvars
environment = [{ name = "DB_PASSWORD", value = "violin-tomato-93" }] # expect: secret-in-tfvars
regions     = ["eu-central-1"]
