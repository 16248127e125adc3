user        = "application"
db_password = "tomato-seven-violin" # expect: secret-in-tfvars
