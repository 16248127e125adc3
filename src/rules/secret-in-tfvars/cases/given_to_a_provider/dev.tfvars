region     = "us-east-1"
key_id     = "key-of-the-application"
key        = "tomato-seven-violin"                                            # expect: secret-in-tfvars
monitoring = { application = "onion-eight-trombone", site = "datadoghq.eu" } # expect: secret-in-tfvars
cluster    = "carrot-nine-bassoon"                                            # expect: secret-in-tfvars
