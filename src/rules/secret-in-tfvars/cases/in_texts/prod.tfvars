document = "{\"db\":{\"password\":\"violin-tomato-91\"}}" # expect: secret-in-tfvars
# expect-below: secret-in-tfvars
script   = <<EOT
DB_PASSWORD=violin-tomato-91
EOT
usage    = "DB_PASSWORD=$SECRET ./run"
header   = "Authorization: REPLACE_ME"
network  = "vpc-0123456789abcdef0"

# Nobody declares these.
old_password = "violin-tomato-91" # expect: secret-in-tfvars
old_size     = "violin-tomato-91"
