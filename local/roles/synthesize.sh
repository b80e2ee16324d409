#!/usr/bin/env bash
# Writes roles.json from the template that the CDK app synthesizes for the stage
# "local"; with --check, fails when it is not what is there already. What the
# functions are built of has no part in their roles: a file in each folder will
# do. CDK may name a binary of the app that is built already.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for main in functions/*/lambda; do
  step=$(basename "$(dirname "$main")")
  mkdir -p "$work/build/$step"
  echo "$step" > "$work/build/$step/bootstrap"
done
export CDK_OUTDIR="$work/out" JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20
${CDK:-go run ./cdk} -c mayfly:stage=local -c "mayfly:build=$work/build" > "$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
go run ./local/roles/generate "$CDK_OUTDIR/mayfly-local.template.json" "$work/roles.json"
if [ "${1:-}" = --check ]; then
  diff -u local/roles/roles.json "$work/roles.json" > "$work/diff" ||
    { cat "$work/diff" >&2; echo "The roles that local mode enforces are not those of the CDK app: run make roles" >&2; exit 1; }
else
  mv "$work/roles.json" local/roles/roles.json
fi
