#!/usr/bin/env bash
# ./bench.sh [PART...]
#
# Measures Mayfly: the Go benchmarks of its packages, the engine beside another
# one, what a person waits for from end to end, the edge beside nginx, and what
# it costs at rest. All takes about five minutes once everything is built; parts
# are named below.
# docs/benchmarks.md has figures.
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
    ./local/s3 ./local/cloudfront ./local/edge ./local/cloudwatch ./local/meter ./local/bus/... ./sandbox/sqlite ./release
}

# engine is executions of state machines, their whole history kept: on one core
# in memory, on all with a journal that is synced, and through the API.
engine() {
  go test -run '^$' -bench '^Benchmark(Memory|State|Map1000x3|Waiting)$' -benchtime 300ms -cpu 1 ./local/asl
  go test -run '^$' -bench '^Benchmark(Durable256|Restore)$' -benchtime 2s ./local/asl
  go test -run '^$' -bench '^BenchmarkAPI$' -benchtime 1s ./local/sfn
}

# peer has another engine run the same machine of ten states, by turns with ours,
# each on one core: aws-local-stepfunctions, which keeps no history.
peer() {
  local system arch node kind theirs ours turn
  system=$(uname -s | tr '[:upper:]' '[:lower:]')
  arch=$(uname -m | sed -e 's/x86_64/x64/' -e 's/aarch64/arm64/')
  node="node-$system-$arch"
  mkdir "$scratch/peer"
  cp bench/peer/run.mjs "$scratch/peer/"
  if ! npm install --prefix "$scratch/peer" --ignore-scripts --no-audit --no-fund --no-package-lock \
    "aws-local-stepfunctions@3.0.0" "$node@22.21.1" >"$scratch/npm" 2>&1; then
    echo 'not measured, for want of npm or of aws-local-stepfunctions 3.0.0 and Node 22:'
    tail -n 1 "$scratch/npm"
    return
  fi
  go test -c -o "$scratch/asl.test" ./local/asl
  for kind in pass task; do
    for turn in 1 2; do
      theirs=$("$scratch/peer/node_modules/$node/bin/node" "$scratch/peer/run.mjs" "$kind" 4)
      ours=$("$scratch/asl.test" -test.run '^$' -test.bench "^BenchmarkMemory$/^10$kind$" -test.benchtime 4s -test.cpu 1 |
        awk '/^Benchmark/ { for (i = 1; i < NF; i++) value[$(i + 1)] = $i; print value["executions/s"], value["executions/cpu-s"] }')
      echo "$kind $ours $theirs" | awk '{ printf "10 %s: %d executions/s, aws-local-stepfunctions %d, %.1f times as many; ", $1, $2, $4, $2 / $4
        printf "in a second of processor time %d and %d, %.1f times as many\n", $3, $5, $3 / $5 }'
    done
  done
}

endtoend() { # benchmarks, times
  go test -run '^$' -bench "$1" -benchtime "$2" -timeout 5m ./e2e | figures
}

# startup is what Lambda waits for when it starts a function, beside a function
# without the SDK and one with five clients, and how large each is as an asset.
startup() {
  local name
  make -s build host
  for name in plain five; do
    CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags='-s -w' -tags lambda.norpc -o "$scratch/$name" "./bench/startup/$name"
  done
  go run ./bench/startup -plain "$scratch/plain" -five "$scratch/five" -assets build build/host
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

edge() {
  local missing= tool
  for tool in nginx wrk; do
    command -v "$tool" >/dev/null || missing="$missing $tool"
  done
  if [ -n "$missing" ]; then
    echo "not measured, for want of:$missing (apt-get install nginx-light wrk)"
  else
    endtoend '^BenchmarkEdge$' 4x
  fi
}

# part measures one of the parts.
part() {
  case $1 in
  packages)
    say 'Packages'
    packages | figures
    ;;
  engine)
    say 'The engine'
    engine | figures
    ;;
  peer)
    say 'The engine beside aws-local-stepfunctions 3.0.0 on Node 22, by turns'
    peer
    load
    ;;
  provision)
    say 'Provision: from the request to ready, propagation 0'
    endtoend '^BenchmarkProvision$' 200x
    ;;
  release)
    say 'Release: from its start to live'
    endtoend '^BenchmarkRelease$' 3x
    endtoend '^BenchmarkReleaseOneChange$' 5x
    ;;
  push)
    say 'Push: from its end to live'
    endtoend '^BenchmarkPush$' 5x
    ;;
  night)
    say 'A night: 10,000 idle sandboxes in virtual time'
    go test -run '^$' -bench '^BenchmarkNight$' -benchtime 1x -timeout 10m ./statemachine | figures
    ;;
  due)
    say 'A night: who is due among 100,000 sandboxes in a file, beside asking CloudWatch'
    go test -run '^$' -bench '^BenchmarkDueScan$' -benchmem -benchtime 3x ./night | figures
    ;;
  layer)
    say 'A layer to the bucket of one machine, beside tar xzf to the disk'
    go test -run '^$' -bench '^BenchmarkLayerToBucket$' -benchtime 3x ./release/releasetest | figures
    ;;
  images)
    say 'Images: inspected; a layer to writes beside tar xz; the peak of memory for 1 GiB'
    go test -run '^$' -bench '^BenchmarkInspectImage$' -benchmem -benchtime 10x ./release/image | figures
    go test -run '^$' -bench '^Benchmark(LayerThroughput|ImagePeakMemory)$' -benchtime 1x ./functions/writeobjects | figures
    ;;
  purge)
    say 'A teardown: versions deleted in a second from the local S3, and the heap of the step'
    go test -run '^$' -bench '^BenchmarkPurge$' -benchtime 1x ./functions/emptybucket | figures
    ;;
  edge)
    say 'Edge: requests per second of hits, by turns with nginx proxy_cache'
    edge
    ;;
  flows)
    say 'What flows cost in US dollars, by the transitions that the machines take'
    go test -count 1 -run '^TestWhatFlowsCostInUSD$' -v ./statemachine | sed -n 's/^ *usd_test.go:[0-9]*: //p'
    ;;
  startup)
    say 'Functions: from exec to the first question for work, memory, size'
    startup
    ;;
  memory)
    say 'Memory at rest: mayfly local, nothing in it'
    memory
    ;;
  *)
    echo "there is no part $1; there are: ${parts[*]}" >&2
    return 1
    ;;
  esac
}

parts=(packages engine peer provision release push night due layer images purge edge flows startup memory)

date -u '+%Y-%m-%d %H:%M UTC'
awk -F ': ' '/^model name/ { name = $2; cores++ } END { printf "%d cores, %s\n", cores, name }' /proc/cpuinfo
go version
load
if [ $# -eq 0 ]; then
  set -- "${parts[@]}"
fi
for name in "$@"; do
  part "$name"
done

say 'Afterwards'
load
