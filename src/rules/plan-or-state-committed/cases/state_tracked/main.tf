# git: init -q
# git: add .
# expect-nowhere: plan-or-state-committed fail

output "name" {
  value = "acme"
}
