#!/bin/bash
# tests/network/setup.sh: fetches the Bluesky servers from the npm registry and builds their one native part.
#
# usage: setup.sh [--check]     --check: say by the exit status whether it has been done, and do nothing
#
# Takes two to three minutes and 700 MB the first time, nothing afterwards: what was set up is known by the lockfile's
# checksum. Packages' install scripts do not run; only better-sqlite3 needs one, and gets it by name. The system's npm
# does the fetching, the fetched Node.js 22 everything else.
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
# build_from_source: no look for a prebuilt binary elsewhere. -O1: half the compile time of -O3, and fast enough here.
if ! PATH=$node_dir/bin:$PATH npm_config_nodedir=$node_dir npm_config_build_from_source=true \
    CFLAGS=-O1 CXXFLAGS=-O1 MAKEFLAGS=-j$(nproc) npm rebuild better-sqlite3 --foreground-scripts >"$log" 2>&1; then
    cat "$log" >&2
    exit 1
fi
./node -e 'new (require("better-sqlite3"))(":memory:").prepare("SELECT 1").get()'
echo "$want" >"$stamp"
