database = { # expect: secret-in-tfvars
  host     = "db.example.net"
  password = "tomato-seven-violin"
}
