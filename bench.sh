#!/usr/bin/env bash
# Measures Mayfly: the Go benchmarks of its packages, what a person waits for
# from end to end, the edge beside nginx, and what it costs at rest. It takes
# about two minutes once everything is built. docs/benchmarks.md has figures.
set -euo pipefail
cd "$(dirname "$0")"
export PATH="$PATH:/usr/sbin" # where some systems keep nginx

scratch=$(mktemp -d)
server=
finish() {
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  rm -rf "$scratch"
}
trap finish EXIT

say() { printf '\n== %s\n' "$1"; }

# figures keeps a benchmark's results and failures; the S3 store greets on
# standard output, in the middle of a result's line.
figures() { sed -E -e ':again' -e '/\t *Bucket versioning enabled[^\n]*$/{N;s/Bucket versioning enabled[^\n]*\n//;bagain}' \
  -e '/^Bucket versioning enabled/d' -e '/^(goos|goarch|pkg|cpu|PASS)/d'; }

packages() {
  go test -p 1 -run '^$' -bench . -benchmem -benchtime 300ms \
    ./local/asl ./local/s3 ./local/cloudfront ./local/edge ./local/bus/... ./sandbox/sqlite ./release
}

endtoend() { # benchmarks, times
  go test -run '^$' -bench "$1" -benchtime "$2" -timeout 5m ./e2e | figures
}

# slope is what one more state costs: 110 states less 10, by 100.
slope() {
  awk '/^BenchmarkMemory\/10pass/ { few = $3 } /^BenchmarkMemory\/110pass/ { many = $3 }
    END { if (!few || !many) { print "no figures of BenchmarkMemory" > "/dev/stderr"; exit 1 }
      printf "%.0f ns per Pass state, in memory\n", (many - few) / 100 }' "$1"
}

# memory is what Mayfly holds in memory a second after it serves, with nothing
# in it.
memory() {
  make -s bin/mayfly
  bin/mayfly local --data "$scratch/data" --api 127.0.0.1:0 --aws 127.0.0.1:0 >"$scratch/said" 2>&1 &
  server=$!
  for _ in $(seq 300); do
    grep -q 'Ctrl-C stops it' "$scratch/said" && break
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
  done
  if ! grep -q 'Ctrl-C stops it' "$scratch/said"; then
    echo 'mayfly did not start:' >&2
    cat "$scratch/said" >&2
    return 1
  fi
  sleep 1
  awk '/^VmRSS/ { printf "%.0f MiB resident\n", $2 / 1024 }' "/proc/$server/status"
}

# load tells a quiet machine from a busy one, on which figures are worse.
load() { awk '{ print "load average " $1 " (1 min), " $2 " (5 min)" }' /proc/loadavg; }

date -u '+%Y-%m-%d %H:%M UTC'
awk -F ': ' '/^model name/ { name = $2; cores++ } END { printf "%d cores, %s\n", cores, name }' /proc/cpuinfo
go version
load

say 'Packages'
packages | tee "$scratch/packages" | figures

say 'The engine: one more state'
slope "$scratch/packages"

say 'Provision: from the request to ready, propagation 0'
endtoend '^BenchmarkProvision$' 200x

say 'Release: from its start to live'
endtoend '^BenchmarkRelease$' 3x
endtoend '^BenchmarkReleaseOneChange$' 5x

say 'Edge: requests per second of hits, by turns with nginx proxy_cache'
missing=
for tool in nginx wrk; do
  command -v "$tool" >/dev/null || missing="$missing $tool"
done
if [ -n "$missing" ]; then
  echo "not measured, for want of:$missing (apt-get install nginx-light wrk)"
else
  endtoend '^BenchmarkEdge$' 4x
fi

say 'Memory at rest: mayfly local, nothing in it'
memory

say 'Afterwards'
load
