resource "random_password" "db" { # expect: secret-in-state
  length = 32
}

resource "tls_private_key" "ssh" { # expect: secret-in-state
  algorithm = "ED25519"
}

resource "random_id" "suffix" {
  byte_length = 4
}
