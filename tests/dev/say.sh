#!/bin/bash
# tests/dev/say.sh: how ./dev speaks. Colours only on a terminal, and not where NO_COLOR asks for none.

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
    bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' plain=$'\e[0m'
else
    bold='' dim='' red='' plain=''
fi

say() { echo "${bold}dev:${plain} $*"; }
detail() { echo "${dim}     $*${plain}"; }
complain() { echo "${red}dev: $*${plain}" >&2; }
fail() {
    complain "$@"
    exit 1
}
fail_usage() {
    complain "$@"
    exit 2
}

# Runs a command whose output matters only if it fails: then all of it is shown.
quietly() {
    local log status=0
    log=$(mktemp)
    "$@" >"$log" 2>&1 || status=$?
    [ $status -eq 0 ] || cat "$log" >&2
    rm -f "$log"
    return $status
}

# Exits unless there are at most MAX words behind it: at_most MAX "$@".
at_most() {
    local max=$1
    shift
    [ $# -le "$max" ] || fail_usage "\"${*: -1}\" is a word too many"
}
