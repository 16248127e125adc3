keys = { # expect: secret-in-tfvars
  stripe = "REPLACE_ME"
  csrf   = "tomato-seven-violin"
}
