#!/bin/bash
# tests/dev/measure.sh: ./dev bench and ./dev soak.

command_bench() {
    local pattern=${1:-} program found=0
    at_most 1 "$@"
    say "building release"
    build_preset release || fail "the build failed"
    while read -r program; do
        [[ ${program##*/} == *"$pattern"* ]] || continue
        found=1
        say "${program##*/}"
        "$program"
    done < <(find build/release/tests -type f -name 'bench_*' -perm -u+x | sort)
    [ $found -eq 1 ] || fail_usage "there is no measurement \"$pattern\" in tests/bench"
}

command_soak() {
    local name=${1:-fuzz} minutes=${SOAK_MINUTES:-60}
    at_most 1 "$@"
    [[ $minutes =~ ^[0-9]+$ ]] || fail_usage "SOAK_MINUTES is a number of minutes, not \"$minutes\""
    case $name in
    fuzz) soak_fuzz "$minutes" ;;
    unit) soak_unit "$minutes" ;;
    power) soak_power "$minutes" ;;
    *) fail_usage "there is no soak \"$name\": fuzz, unit, power" ;;
    esac
}

# Shares the time among the harnesses. What they learn stays in build/fuzz/corpus for the next time; a finding stops it.
soak_fuzz() {
    local minutes=$1 harnesses harness name corpora seconds
    say "building fuzz"
    build_preset fuzz fuzzers || fail "the build failed"
    mapfile -t harnesses < <(find build/fuzz/tests/fuzz -type f -name 'fuzz_*' -perm -u+x | sort)
    seconds=$((minutes * 60 / ${#harnesses[@]}))
    say "${#harnesses[@]} harnesses, $seconds s each"
    for harness in "${harnesses[@]}"; do
        name=${harness##*/fuzz_}
        corpora=("build/fuzz/corpus/$name")
        mkdir -p "${corpora[0]}"
        add_seeds "$name"
        say "fuzz_$name"
        "$harness" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
            -artifact_prefix="build/fuzz/$name-" "${corpora[@]}"
    done
}

# The unit tests under asan in a random order, again and again, until one fails or the time is up.
soak_unit() {
    local minutes=$1 rounds=0
    need store
    say "building asan"
    build_preset asan || fail "the build failed"
    while [ $SECONDS -lt $((minutes * 60)) ]; do
        quietly build/asan/tests/with_postgres ctest --test-dir build/asan -L '^unit$' \
            --schedule-random --output-on-failure -j "$(nproc)" ||
            fail "round $((rounds + 1)) failed"
        rounds=$((rounds + 1))
    done
    say "$rounds rounds without a failure"
}

# 200 power cuts and a full disk at every write, then the same with other seeds, until the time is up or one fails. At least
# one round is played.
soak_power() {
    local minutes=$1 rounds=0 seed=${SKEIN_SEED:-1}
    need power
    say "building release"
    build_preset release skein lose lose_disk sqlite_writer || fail "the build failed"
    while [ $rounds -eq 0 ] || [ $SECONDS -lt $((minutes * 60)) ]; do
        say "200 power cuts from seed $seed on"
        SKEIN_SEED=$seed POWER_RUNS=200 POWER_EVERY_WRITE=1 tests/power/run || fail "round $((rounds + 1)) failed"
        rounds=$((rounds + 1))
        seed=$((seed + 200))
    done
    say "$rounds rounds without a failure"
}
