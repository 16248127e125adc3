# git: init -q
# git: add .

output "name" {
  value = "acme"
}
