#!/bin/bash
# tests/dev/packages.sh: what ./dev installs, each with its reason.
#
# A row is `group | package | what for | how to tell that it is there`. The last is empty for Debian's own word (dpkg),
# `command NAME`, or `file PATTERN` where something else than that package may provide it.

packages='
build   | gcc                 | the compiler                                     |
build   | libc6-dev           | the C library                                    |
build   | cmake               | describes the build                              |
build   | ninja-build         | does the build                                   |
build   | pkg-config          | finds the libraries                              | command pkg-config
build   | libuv1-dev          | event loop                                       |
build   | libmicrohttpd-dev   | HTTP in                                          |
build   | libcurl4-openssl-dev | HTTP out                                        |
build   | libc-ares-dev       | DNS                                              |
build   | libjansson-dev      | JSON                                             |
build   | libzip-dev          | archives                                         |
build   | libutf8proc-dev     | Unicode                                          |
build   | libsodium-dev       | random numbers, keyed hashes                     |
build   | libsqlite3-dev      | the embedded database                            |
build   | libpq-dev           | PostgreSQL                                       |
build   | uthash-dev          | hash tables                                      |
build   | libcmocka-dev       | unit tests                                       |
clang   | clang               | the second compiler                              |
clang   | libclang-rt-dev     | its sanitizers and fuzzer                        | file /usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer*
store   | postgresql          | the second database, in tests of the store       | file /usr/lib/postgresql/*/bin/initdb
network | nodejs              | fetches the Node.js that the servers run on      | command node
network | npm                 | fetches the Bluesky servers                      | command npm
network | python3             | builds better-sqlite3, packs the sample archive  | command python3
network | g++                 | builds better-sqlite3                            | command g++
network | make                | builds better-sqlite3                            | command make
network | postgresql          | the database of the Bluesky AppView              | file /usr/lib/postgresql/*/bin/initdb
power   | nodejs              | drives the runs                                  | command node
power   | strace              | sees what a program does to its files            | command strace
lint    | git                 | knows which files are ours                       | command git
lint    | clang-format        | checks the layout of C                           |
lint    | shellcheck          | checks scripts                                   |
'

is_there() { # PACKAGE TEST
    case $2 in
    command\ *) command -v "${2#command }" >/dev/null ;;
    file\ *) compgen -G "${2#file }" >/dev/null ;;
    *) dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed ;;
    esac
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "this needs root or sudo: $*"
    fi
}

# Installs what is missing of the groups named, after saying what and why.
need() {
    local group package reason test missing=()
    while IFS='|' read -r group package reason test; do
        read -r group <<<"$group"
        read -r package <<<"$package"
        read -r reason <<<"$reason"
        read -r test <<<"$test"
        [[ " $* " == *" $group "* ]] || continue
        if ! is_there "$package" "$test"; then
            [ ${#missing[@]} -gt 0 ] || say "installing with apt what is missing:"
            detail "$(printf '%-20s %s' "$package" "$reason")"
            missing+=("$package")
        fi
    done <<<"$packages"
    [ ${#missing[@]} -gt 0 ] || return 0

    command -v apt-get >/dev/null || fail "there is no apt-get here; these are the names in Debian: ${missing[*]}"
    quietly as_root apt-get update || complain "apt-get update failed; going on with the lists that are here"
    quietly as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "${missing[@]}" ||
        fail "apt-get could not install ${missing[*]}"
}

# The Bluesky servers for demo and end-to-end tests.
need_network() {
    need build network
    tests/network/setup.sh --check && return
    say "setting up the Bluesky servers in tests/network/node_modules (once, two to three minutes)"
    tests/network/setup.sh
}
