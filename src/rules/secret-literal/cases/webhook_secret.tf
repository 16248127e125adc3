variable "webhook_secret" {
  type    = string
  default = "whsec_Q7mZ2xK9vT4nL0wYc5RbH8sJd3Fg6PaU" # expect: secret-literal
}
