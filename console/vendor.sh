#!/usr/bin/env bash
# Fails when a file in assets/vendor is not, byte for byte, the one in its
# published package (vendor.json). --write takes them from there instead.
set -euo pipefail
cd "$(dirname "$0")"
command -v npm >/dev/null || { echo 'vendor.sh needs npm, which comes with Node.js' >&2; exit 1; }
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
mapfile -t packages < <(node -e 'for (const one of new Set(require("./vendor.json").map(f => f.package + "@" + f.version))) console.log(one)')
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$tools" "${packages[@]}"
node -e 'for (const f of require("./vendor.json")) console.log(f.file, f.package + "/" + f.published)' | while read -r file published; do
	if [[ ${1:-} == --write ]]; then
		cp "$tools/node_modules/$published" "assets/vendor/$file"
	else
		cmp "$tools/node_modules/$published" "assets/vendor/$file"
	fi
done
echo "${#packages[@]} packages are as published: ${packages[*]}"
