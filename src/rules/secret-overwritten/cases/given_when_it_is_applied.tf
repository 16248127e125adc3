# The value comes with the apply; without one AWS refuses the parameter.
variable "smtp_password" {
  type      = string
  sensitive = true
  default   = ""
}

resource "aws_ssm_parameter" "smtp_password" {
  name  = "/acme/smtp/password"
  type  = "SecureString"
  value = var.smtp_password
}
