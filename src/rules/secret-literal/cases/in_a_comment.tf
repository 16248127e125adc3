# curl -u sk_live_51MadeUp7qK2vX9bT4nL0wZc: https://api.example.com # expect: secret-literal
locals {}
