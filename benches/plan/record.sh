#!/usr/bin/env bash
# Plans main.tf with the real Terraform, once for each number of resources (5,000 and 18,500 where none is given), and
# writes what `terraform show -json` prints to where `cargo bench --bench plan` looks for it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
target=${CARGO_TARGET_DIR:-$here/../../target}
mkdir -p "$target/tmp/plans"
plans=$(cd "$target/tmp/plans" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here/main.tf" "$work"
cd "$work"
terraform init -input=false >/dev/null
[ $# -gt 0 ] || set -- 5000 18500
for number in "$@"; do
  terraform plan -input=false -lock=false -var "number=$number" -out=tf.plan >/dev/null
  terraform show -json tf.plan >"$plans/$number.json"
  wc -c "$plans/$number.json"
done
