force_http_forwarding = null
