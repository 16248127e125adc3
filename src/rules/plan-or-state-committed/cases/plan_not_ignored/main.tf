# git: init -q
# git: add main.tf
# ignored: *.tfstate
# expect-nowhere: plan-or-state-committed fail

output "name" {
  value = "acme"
}
