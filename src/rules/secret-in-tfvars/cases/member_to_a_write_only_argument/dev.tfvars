db           = { host = "db.example.net", pw = "tomato-seven-violin" } # expect: secret-in-tfvars
databases    = { one = { pw = "onion-eight-trombone" } }               # expect: secret-in-tfvars
placeholders = { host = "db.example.net", pw = "REPLACE_ME" }
