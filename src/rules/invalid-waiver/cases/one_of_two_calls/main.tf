# tfguard:ignore[secret-literal] until=2026-12-20 only this call is a sandbox
module "a" {
  source = "./child"
}

module "b" {
  source = "./child"
}
