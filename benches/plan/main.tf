variable "number" {
  type    = number
  default = 5000
}

locals {
  regions = ["eu-central-1", "us-east-1", "ap-south-1"]
}

resource "terraform_data" "service" {
  count = var.number

  input = {
    name        = "service-${count.index}"
    description = "Serves what the team number ${count.index % 40} needs, and is restarted every night at three"
    region      = local.regions[count.index % 3]
    enabled     = count.index % 7 != 0
    ports       = [8000 + count.index % 100, 9000, 9090]
    environment = [for setting in range(6) : {
      name  = "SETTING_${setting}"
      value = "https://host-${count.index}-${setting}.internal.example.com/path"
    }]
    tags = {
      Team        = "team-${count.index % 40}"
      CostCentre  = "cc-${count.index % 12}"
      Environment = "prod"
      ManagedBy   = "terraform"
    }
  }
  triggers_replace = ["v1", count.index % 5]
}
