tok    = "tomato-seven-violin"  # expect: secret-in-tfvars
dsn_pw = "onion-eight-trombone" # expect: secret-in-tfvars
host   = "db.example.net"
domain = "api.example.com"
