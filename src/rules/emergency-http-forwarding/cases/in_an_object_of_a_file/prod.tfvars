settings = {
  name                  = "app"
  force_http_forwarding = true # expect: emergency-http-forwarding
}
