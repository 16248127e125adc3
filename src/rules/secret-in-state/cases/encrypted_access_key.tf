resource "aws_iam_access_key" "plain" { # expect: secret-in-state
  user = "app"
}

resource "aws_iam_access_key" "encrypted" {
  user    = "app"
  pgp_key = "keybase:app"
}
