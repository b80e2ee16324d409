#!/bin/sh
# Starts Amazon's DynamoDB Local in memory on a free port of 127.0.0.1, runs the
# command that follows with DYNAMODB_LOCAL_URL set, and stops it again. Needs
# Java 17, Python 3, curl, and Maven, which fetches it by the coordinates in
# pom.xml. It keeps its jars in the user's cache folder.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
lib=${DYNAMODB_LOCAL_LIB:-${XDG_CACHE_HOME:-$HOME/.cache}/mayfly/dynamodblocal-3.3.1}
if [ ! -f "$lib/.complete" ]; then
	mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies -DoutputDirectory="$lib"
	touch "$lib/.complete"
fi
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
log=$(mktemp)
java -Djava.library.path="$lib" -DDDBLocal.telemetry=false -cp "$lib/*" software.amazon.dynamodb.services.local.main.ServerRunner \
	-inMemory -port "$port" -disableTelemetry >"$log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true; rm -f "$log"' EXIT INT TERM
tries=0
until curl -s -o /dev/null "http://127.0.0.1:$port/"; do
	tries=$((tries + 1))
	if [ "$tries" -gt 120 ] || ! kill -0 "$server" 2>/dev/null; then
		echo "DynamoDB Local did not start:" >&2
		cat "$log" >&2
		exit 1
	fi
	sleep 0.25
done
DYNAMODB_LOCAL_URL="http://127.0.0.1:$port" "$@"
