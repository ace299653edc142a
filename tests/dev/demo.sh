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
owner=$(sed -n 's/.*"x_handle": *"\([^"]*\)".*/\1/p' "$community/accounts.json" | head -n 1)
export SKEIN_DATA=$community/data
export SKEIN_LOG_LEVEL=error # that requests may reach this machine is what a demonstration is for

# The demonstration begins anew: what an earlier one stored is about another Bluesky.
rm -rf "$SKEIN_DATA"

say "skein import archive.zip exporter.csv --community fans --as $owner"
"$skein" import "${files[@]}" --community fans --as "$owner"

say "skein match --community fans --as $owner"
"$skein" match --community fans --as "$owner"

say "skein moved --community fans --as $owner"
"$skein" moved --community fans --as "$owner"

found=$community/found.jsonl
"$skein" moved --community fans --as "$owner" --format json >"$found"
accounts=$(wc -l <"$found")
moved=$(grep -cE '"state": ?"(proven|confirmed|likely)"' "$found" || true)
say "$moved of $accounts accounts have moved (the truth is in $community/truth.tsv; what was stored is in $SKEIN_DATA)"

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
        [[ $answer == 'HTTP/1.1 503 '* ]] || break # it answers while it opens its store
    fi
    sleep 0.1
done
kill -TERM $server
wait $server || fail "skein serve did not end in order: $(cat "$community/serve.log")"
trap - EXIT
[[ $answer == 'HTTP/1.1 200 '* ]] || fail "skein serve did not answer /readyz: \"$answer\" $(cat "$community/serve.log")"
[ "$moved" -gt 0 ] || fail "nobody moved, in a community where 36 did"
say "it does, and stops when told to"
