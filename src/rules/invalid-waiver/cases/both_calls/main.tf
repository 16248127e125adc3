# tfguard:ignore[secret-literal] until=2026-12-20 the key was revoked
module "a" {
  source = "./child"
}

# tfguard:ignore[secret-literal] until=2026-12-20 the key was revoked
module "b" {
  source = "./child"
}
