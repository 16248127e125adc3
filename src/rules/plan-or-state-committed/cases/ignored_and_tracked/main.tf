# git: init -q
# git: add -f .
# ignored: *.tfstate*
# expect-nowhere: plan-or-state-committed fail

output "name" {
  value = "acme"
}
