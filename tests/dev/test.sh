#!/bin/bash
# tests/dev/test.sh: ./dev test, in tiers: what finds most comes with every part, what costs much is kept to where it pays.
#
#   unit   clang builds everything without a warning; unit tests as built for use (release), under the address and
#          undefined behaviour sanitizers (asan), and of the rooms with threads under the thread sanitizer (tsan)
#   store  every statement of the store on SQLite and on a PostgreSQL made for it, as built for use and under asan: equal
#          results, plans at a hundred thousand rows, a database from before
#   e2e    the real binary, as built for use and under asan: on stores of its own, and against the real Bluesky servers on
#          loopback
#   power  power cuts and full disks, played on the release binary
#   fuzz   each harness a bounded number of runs from a fixed seed
#   lint   the tree's rules, and the lint's own tests; last, because it looks at more where Node.js is there
#
# A part that cannot be built or started counts as one failure, and the next part goes on.

test_parts='unit store e2e power fuzz lint'
threaded_rooms='loop fetch http store graph identity bluesky matching api app'
slow_seconds=5
fuzz_runs=20000
fuzz_seconds=15 # a guard: the runs should end before it

passed=0 failed=0
slow_tests=''

count() { # PASSED FAILED
    passed=$((passed + $1))
    failed=$((failed + $2))
}

# Reports one tier: `tier NAME SECONDS PASSED FAILED`.
tier() {
    count "$3" "$4"
    say "$(printf '%-14s %4s s  %s passed, %s failed' "$@")"
}

test_lint() {
    local started=$SECONDS out
    need lint
    out=$({ tests/lint/lint; tests/lint/test; } 2>&1 || true)
    grep -v '^ok ' <<<"$out" || true
    tier lint $((SECONDS - started)) "$(grep -c '^ok ' <<<"$out")" "$(grep -c '^failed ' <<<"$out")"
}

# Reads CTest's log: `PASSED FAILED` by cmocka's cases, then a line for each slow program.
read_ctest_log() {
    awk -v slow=$slow_seconds '
        / Testing: /                      { name = $3; cases = bad = 0 }
        /\[  PASSED  \] [0-9]+ test/      { cases = $4 }
        /\[  FAILED  \] [0-9]+ test/      { bad = $4 }
        /^Test time = /                   { if ($4 + 0 > slow) list = list "\n" $4 " s  " name }
        /^Test Passed\./                  { passed += cases ? cases : 1 }
        /^Test (Failed|Timeout)|^Unable/  { passed += cases; failed += bad ? bad : 1 }
        END                               { print passed + 0, failed + 0 list }' "$1"
}

# run_ctest PART PRESET LABELS [COMMAND]...: before CTest runs COMMAND and what lends one PostgreSQL to all programs of the
# run.
run_ctest() {
    local part=$1 preset=$2 labels=$3 started=$SECONDS out status=0 log result
    shift 3
    out=$(UBSAN_OPTIONS=print_stacktrace=1 "$@" "build/$preset/tests/with_postgres" \
        ctest -L "$labels" --test-dir "build/$preset" --output-on-failure -j "$(nproc)" 2>&1) || status=$?
    log=build/$preset/Testing/Temporary/LastTest.log
    [ $status -eq 0 ] || echo "$out"
    if [ ! -f "$log" ]; then
        tier "$part $preset" $((SECONDS - started)) 0 1
        return
    fi
    result=$(read_ctest_log "$log")
    slow_tests+=$(tail -n +2 <<<"$result" | sed "s/^/$preset  /;s/\$/\\\\n/")
    read -r good bad <<<"$(head -n 1 <<<"$result")"
    # A program that died without a word of its own is in CTest's status alone.
    [ $status -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
    tier "$part $preset" $((SECONDS - started)) "$good" "$bad"
}

build_or_count() { # TIER PRESET [TARGET]...
    local name=$1
    shift
    say "building $*"
    build_preset "$@" && return
    tier "$name" $SECONDS 0 1
    return 1
}

test_unit() {
    local started=$SECONDS
    need store
    if build_or_count 'clang build' clang; then tier 'clang build' $((SECONDS - started)) 1 0; fi
    if build_or_count 'unit release' release; then run_ctest unit release '^unit$'; fi
    if build_or_count 'unit asan' asan; then run_ctest unit asan '^unit$'; fi
    test_unit_tsan
}

# GCC's thread sanitizer needs the address layout that newer kernels randomise too widely: setarch -R turns that off.
test_unit_tsan() {
    local labels plainly=() targets
    labels="^(${threaded_rooms// /|})\$"
    setarch "$(uname -m)" -R true 2>/dev/null && plainly=(setarch "$(uname -m)" -R)
    # Configured anew each time: the list of tests is needed before the build would look for new files.
    quietly cmake --preset tsan || { tier 'unit tsan' 0 0 1 && return; }
    mapfile -t targets < <(ctest --test-dir build/tsan -N -L "$labels" |
        sed -n 's/.*: unit\.\([a-z0-9_]*\)\.\([a-z0-9_]*\)$/test_\1_\2/p')
    if build_or_count 'unit tsan' tsan with_postgres "${targets[@]}"; then run_ctest unit tsan "$labels" "${plainly[@]}"; fi
}

test_store() {
    local preset
    need store
    for preset in release asan; do
        if build_or_count "store $preset" $preset with_postgres databases; then run_ctest store $preset '^databases$'; fi
    done
}

# Reports what node's test runner wrote as TAP: `tap_tier NAME FILE STARTED`.
tap_tier() {
    if ! grep -q '^# pass ' "$2" 2>/dev/null; then
        tier "$1" $((SECONDS - $3)) 0 1
        return
    fi
    tier "$1" "$(awk '/^# duration_ms / { printf "%d", $3 / 1000 }' "$2")" \
        "$(sed -n 's/^# pass //p' "$2")" "$(awk '/^# (fail|cancelled) / { n += $3 } END { print n }' "$2")"
    slow_tests+=$(awk -v tier="$1" -v slow=$slow_seconds '
        match($0, /^ *(not )?ok [0-9]+ - /) { name = substr($0, RLENGTH + 1) }
        /^ *duration_ms: / { if ($2 > slow * 1000) printf "%s  %.1f s  %s\\n", tier, $2 / 1000, name }' "$2")
}

test_e2e() {
    local started=$SECONDS preset
    need_network
    if ! { build_or_count e2e release skein test_account_tool &&
        build_or_count e2e asan skein test_account_tool; }; then return; fi
    rm -rf build/e2e
    mkdir -p build/e2e
    tests/e2e/run --alone release asan || true
    tests/network/node tests/network/network.mjs --state build/e2e/network --community fans --community large -- \
        tests/e2e/run release asan || true
    for preset in release asan; do
        tap_tier "alone $preset" build/e2e/alone-$preset.tap $started
        tap_tier "e2e $preset" build/e2e/$preset.tap $started
    done
}

test_power() {
    local started=$SECONDS
    need power
    if ! build_or_count power release skein lose lose_disk sqlite_writer; then return; fi
    rm -rf build/power
    tests/power/run || true
    tap_tier power build/power/release.tap $started
}

# Adds to corpora what a harness begins with: its own seeds, and for readers of archives the fixtures of their tests.
add_seeds() {
    [ ! -d "tests/fuzz/corpus/$1" ] || corpora+=("tests/fuzz/corpus/$1")
    [[ $1 != archive_* ]] || corpora+=(tests/fixtures/archive)
}

test_fuzz() {
    local harness name corpora started good=0 bad=0
    if ! build_or_count fuzz fuzz fuzzers; then return; fi
    started=$SECONDS
    for harness in build/fuzz/tests/fuzz/fuzz_*; do
        { [ -x "$harness" ] && [ -f "$harness" ]; } || continue
        name=${harness##*/fuzz_}
        corpora=("$(mktemp -d)") # what is learnt goes into the first, and is not kept
        add_seeds "$name"
        if quietly "$harness" -seed=1 -runs=$fuzz_runs -max_total_time=$fuzz_seconds -timeout=10 -rss_limit_mb=2048 \
            -artifact_prefix="build/fuzz/$name-" "${corpora[@]}"; then
            good=$((good + 1))
        else
            bad=$((bad + 1))
            complain "fuzz_$name failed; its input is kept as build/fuzz/$name-..."
        fi
        rm -rf "${corpora[0]}"
    done
    [ $((good + bad)) -gt 0 ] || bad=1 # no harness at all is no success
    tier fuzz $((SECONDS - started)) $good $bad
}

command_test() {
    local started=$SECONDS part
    [ $# -gt 0 ] || set -- $test_parts
    for part in "$@"; do
        [[ " $test_parts " == *" $part "* ]] || fail_usage "there is no part \"$part\": $test_parts"
    done
    for part in "$@"; do
        say "test $part"
        "test_$part"
    done
    if [ -n "$slow_tests" ]; then
        say "tests that took more than $slow_seconds s:"
        printf '%b' "$slow_tests" | sed '/^ *$/d'
    fi
    say "all of it took $((SECONDS - started)) s"
    echo "$passed passed, $failed failed"
    [ $failed -eq 0 ]
}
