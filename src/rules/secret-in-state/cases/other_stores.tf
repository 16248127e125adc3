variable "token" {
  type      = string
  sensitive = true
  default   = "Tr0ub4dor-and-3" # expect: secret-literal
}

resource "terraform_data" "keep" {
  input = { token = var.token } # expect: secret-in-state
}

resource "null_resource" "run" {
  triggers = { token = sha256(var.token) } # expect: secret-in-state
}

resource "local_file" "env" {
  filename = "env"
  content  = "TOKEN=${var.token}" # expect: secret-in-state
}

resource "aws_instance" "web" {
  ami           = "ami-12345678"
  instance_type = "t3.micro"
  user_data     = base64encode("export TOKEN=${var.token}") # expect: secret-in-state
  tags          = { Owner = "web" }
}
