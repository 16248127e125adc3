url = "postgres://app:Tr0ub4dor@db.example.net/app" # expect: secret-literal
