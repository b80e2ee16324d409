#!/usr/bin/env bash
# Runs a command with MOTO_URL set to a server of moto, which is installed once,
# into .tools, and stopped afterwards.
set -euo pipefail
cd "$(dirname "$0")/../.."
version=5.1.16
home=.tools/moto-$version
command -v python3 > /dev/null || { echo 'python3 is not installed: on Debian, apt-get install python3-venv' >&2; exit 1; }
if [ ! -x "$home/bin/moto_server" ]; then
  echo "Installing moto $version (once; a few minutes)"
  rm -rf "$home"
  python3 -m venv "$home" || { echo 'python3 can make no venv: on Debian, apt-get install python3-venv' >&2; exit 1; }
  "$home/bin/pip" install --quiet "moto[server]==$version"
fi
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
log=$(mktemp)
"$home/bin/moto_server" -H 127.0.0.1 -p "$port" > "$log" 2>&1 &
server=$!
trap 'kill "$server" 2> /dev/null || true; rm -f "$log"' EXIT
for _ in $(seq 100); do
  if python3 -c "import urllib.request; urllib.request.urlopen('http://127.0.0.1:$port/moto-api/')" 2> /dev/null; then
    MOTO_URL=http://127.0.0.1:$port "$@"
    exit
  fi
  kill -0 "$server" 2> /dev/null || break
  sleep 0.2
done
echo 'moto does not answer:' >&2
cat "$log" >&2
exit 1
