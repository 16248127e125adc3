k    = "violin-orchid-53" # expect: secret-in-tfvars
p    = "tulip-orchid-53"  # expect: secret-in-tfvars
host = "bastion.example.com"
