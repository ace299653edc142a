#!/bin/bash
# tests/dev/show.sh: ./dev run and ./dev demo: the main job, shown; then the server.

listen=${SKEIN_LISTEN:-127.0.0.1:8080}
skein=build/release/skein

# Bluesky answers on its port within three seconds.
bluesky_is_there() {
    timeout 3 bash -c ': </dev/tcp/public.api.bsky.app/443' 2>/dev/null
}

# Becomes the server, which says where it answers and how to end it.
serve() {
    SKEIN_LISTEN=$listen exec "$skein" serve
}

# Becomes the network with the demonstration beside it: whoever ends this process ends all of it.
demonstrate() {
    need_network
    say "a fan community of people who do not exist, in a local Bluesky; its files go to build/demo"
    exec tests/network/node tests/network/network.mjs --state build/demo --community fans -- tests/dev/demo.sh "$@"
}

command_demo() {
    at_most 0 "$@"
    command_build release
    demonstrate
}

command_run() {
    local check=''
    [ "${1:-}" != --check ] || { check=1 && shift; }
    at_most 0 "$@"
    command_build release
    [ -z "$check" ] || demonstrate --check
    say "looking whether Bluesky can be reached from here"
    if ! bluesky_is_there; then
        say "public.api.bsky.app cannot be reached: going on as ./dev demo, with the real servers on this machine"
        demonstrate
    fi
    say "skein match tests/examples/institutions.csv (public institutions, asked for at public.api.bsky.app)"
    "$skein" match tests/examples/institutions.csv
    serve
}
