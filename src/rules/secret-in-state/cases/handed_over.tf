# What a command, a header or a manifest hands over.
resource "aws_batch_job_definition" "option" {
  name                 = "job"
  type                 = "container"
  container_properties = jsonencode({ image = "job:1", command = ["job", "--db-password", "violin-tomato-91"] }) # expect: secret-in-state
}

resource "aws_batch_job_definition" "later" {
  name                 = "job"
  type                 = "container"
  container_properties = jsonencode({ image = "job:1", command = ["job", "--db-password", "Ref::password", "--token-file", "violin-tomato-91"] })
}

resource "aws_instance" "login" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.micro"
  user_data     = "#!/bin/sh\ndocker login -u app -p violin-tomato-91 registry.example.com\n" # expect: secret-in-state
}

resource "aws_instance" "client" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.micro"
  user_data     = "#!/bin/sh\nmysql -uapp -pviolin-tomato-91 acme\n" # expect: secret-in-state
}

resource "aws_instance" "user" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.micro"
  user_data     = "#!/bin/sh\necho 'app:violin-tomato-91' | chpasswd\n" # expect: secret-in-state
}

resource "aws_instance" "packed" {
  ami              = "ami-0123456789abcdef0"
  instance_type    = "t3.micro"
  user_data_base64 = base64gzip("#!/bin/sh\nexport DB_PASSWORD=violin-tomato-91\n") # expect: secret-in-state
}

resource "aws_instance" "harmless" {
  ami           = "ami-0123456789abcdef0"
  instance_type = "t3.micro"
  user_data     = "#!/bin/sh\ndocker run -p 8080:80 --name login app:1\nmkdir -p /srv/mysql-data-91/acme-91\nmysql -u app -p acme-tomato-91\n"
}

resource "aws_s3_object" "machines" {
  bucket  = "acme"
  key     = "netrc"
  content = "machine api.example.com login app password violin-tomato-91\n" # expect: secret-in-state
}

resource "aws_cloudwatch_event_connection" "header" {
  name               = "upstream"
  authorization_type = "API_KEY"

  auth_parameters {
    api_key {
      key   = "x-api-key"
      value = "REPLACE_ME"
    }

    invocation_http_parameters {
      header {
        key             = "x-upstream"
        value           = "violin-tomato-91" # expect: secret-in-state
        is_value_secret = true
      }

      header {
        key             = "x-version"
        value           = "tulip-tomato-91"
        is_value_secret = false
      }
    }
  }
}

resource "aws_lb_listener_rule" "header" {
  listener_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/acme/0123456789abcdef/0123456789abcdef" # expect-undecided: http-listener-forwards
  priority     = 1

  action {
    type             = "forward"
    target_group_arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/acme/0123456789abcdef"
  }

  condition { # expect: secret-in-state
    http_header {
      http_header_name = "X-Origin-Verify"
      values           = ["violin-tomato-91"]
    }
  }

  condition {
    http_header {
      http_header_name = "X-Release"
      values           = ["tulip-tomato-91"]
    }
  }
}

resource "kubectl_manifest" "secret" {
  yaml_body = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: upstream\nstringData:\n  upstream: violin-tomato-91\n" # expect: secret-in-state
}

resource "kubectl_manifest" "settings" {
  yaml_body = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: upstream\ndata:\n  upstream: violin-tomato-91\n"
}

resource "terraform_data" "map" {
  input = { secrets = { stripe = "aB3dE5fG7hJ9kL2mN4pQ6rS8" } } # expect: secret-in-state
}

resource "terraform_data" "names" {
  input = { secrets = { stripe = "acme-stripe", jwt = "acme/prod/jwt7" } }
}
