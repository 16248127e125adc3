module "m" {
  source = "./m"
}

resource "aws_sqs_queue" "told" {
  name = "acme"
  tags = { upstream = module.m.upstream } # expect: secret-in-state
}

resource "aws_sqs_queue" "harmless" {
  name = "acme-harmless"
  tags = {
    user  = module.m.database.username
    queue = module.m.queue
    email = module.m.email
  }
}
