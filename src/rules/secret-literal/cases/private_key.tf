locals {
  key = "-----BEGIN RSA PRIVATE KEY-----\nQ7mZ2xK9vT4nL0wYc5RbH8sJd3Fg6PaU1eNiVoW2Q7mZ2xK9vT4nL0wYc5RbH8sJ\n-----END RSA PRIVATE KEY-----" # expect: secret-literal
}
