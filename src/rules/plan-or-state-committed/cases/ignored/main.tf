# git: init -q
# git: add .
# ignored: *.tfstate
# ignored: /out/
# ignored: plan.json

output "name" {
  value = "acme"
}
