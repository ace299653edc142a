#!/bin/bash
# tests/dev/demo.sh: the demonstration, run by tests/network/network.mjs beside a local Bluesky.
#
# usage: demo.sh [--check]     --check: serve, look whether it answers, stop; fail unless somebody moved
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
# shellcheck source=tests/dev/say.sh
source tests/dev/say.sh
# shellcheck source=tests/dev/show.sh
source tests/dev/show.sh

community=$TEST_STATE/fans
files=("$community/archive.zip" "$community/exporter.csv")

say "skein match archive.zip exporter.csv"
"$skein" match "${files[@]}"

found=$community/found.jsonl
"$skein" match "${files[@]}" --format json >"$found"
accounts=$(wc -l <"$found")
moved=$(grep -cE '"state": ?"(proven|confirmed|likely)"' "$found" || true)
say "$moved of $accounts accounts have moved (the truth is in $community/truth.tsv)"

if [ "${1:-}" != --check ]; then
    serve
fi

# The server gets a port of its own here, so that one that is running elsewhere is not in the way.
listen=127.0.0.1:$((20000 + RANDOM % 10000))
say "skein serve on $listen answers /readyz?"
SKEIN_LISTEN=$listen "$skein" serve 2>"$community/serve.log" &
server=$!
trap 'kill $server 2>/dev/null || true' EXIT
answer=''
for _ in $(seq 50); do
    if { exec 3<>"/dev/tcp/${listen/://}"; } 2>/dev/null; then
        printf 'GET /readyz HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$listen" >&3
        read -r answer <&3 || true
        exec 3>&-
        break
    fi
    sleep 0.1
done
kill -TERM $server
wait $server || fail "skein serve did not end in order: $(cat "$community/serve.log")"
trap - EXIT
[[ $answer == 'HTTP/1.1 200 '* ]] || fail "skein serve did not answer /readyz: \"$answer\" $(cat "$community/serve.log")"
[ "$moved" -gt 0 ] || fail "nobody moved, in a community where 36 did"
say "it does, and stops when told to"
