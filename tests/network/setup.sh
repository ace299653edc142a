#!/bin/bash
# tests/network/setup.sh: fetches the Bluesky servers from the npm registry and builds their one native part.
#
# usage: setup.sh [--check]     --check: say by the exit status whether it has been done, and do nothing
#
# Takes two to three minutes and 700 MB the first time, nothing afterwards: what was set up is known by the lockfile's
# checksum. Packages' install scripts do not run; only better-sqlite3 needs what its would do, and gets it here. The
# system's npm does the fetching, the fetched Node.js 22 everything else.
set -euo pipefail
cd "$(dirname "$0")"

stamp=node_modules/.skein-setup
want=$(sha256sum package-lock.json)
if [ "$(cat "$stamp" 2>/dev/null)" = "$want" ]; then
    exit 0
elif [ "${1:-}" = --check ]; then
    exit 1
fi

echo "tests/network: fetching the Bluesky servers (npm ci, about a minute and 700 MB)"
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error

echo "tests/network: building better-sqlite3 for the fetched Node.js (about a minute)"
node_dir=$(./node -p 'require("path").resolve(process.execPath, "../..")')
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# node-gyp is a package of its own here: Debian's links what it builds with Debian's Node.js 18, which ends in a crash.
# -O1: half the compile time of -O3, and fast enough here.
if ! PATH=$node_dir/bin:$PATH CFLAGS=-O1 CXXFLAGS=-O1 ./node node_modules/node-gyp/bin/node-gyp.js rebuild --release \
    --directory node_modules/better-sqlite3 --nodedir "$node_dir" --jobs "$(nproc)" >"$log" 2>&1; then
    cat "$log" >&2
    exit 1
fi
./node -e 'new (require("better-sqlite3"))(":memory:").prepare("SELECT 1").get()'
echo "$want" >"$stamp"
