#!/bin/bash
# tests/dev/build.sh: ./dev build, lint, format.

presets='release debug clang asan tsan fuzz'

# build_preset PRESET [TARGET]...: configures where it has not been done, and builds.
build_preset() {
    local preset=$1 started=$SECONDS
    shift
    need build
    [[ $preset != clang && $preset != fuzz ]] || need clang
    if [ ! -f "build/$preset/build.ninja" ]; then
        quietly cmake --preset "$preset" || return 1
    fi
    if [ -t 1 ]; then
        cmake --build "build/$preset" --target "${@:-all}" || return 1
    else
        quietly cmake --build "build/$preset" --target "${@:-all}" || return 1
    fi
    build_seconds=$((SECONDS - started))
}

command_build() {
    local preset=${1:-release}
    at_most 1 "$@"
    [[ " $presets " == *" $preset "* ]] || fail_usage "there is no preset \"$preset\": $presets"
    say "building $preset"
    case $preset in
    fuzz) build_preset fuzz fuzzers || fail "the build failed" ;;
    clang) build_preset clang || fail "the build failed" ;;
    *) build_preset "$preset" skein || fail "the build failed" ;;
    esac
    if [ "$preset" = fuzz ]; then
        say "build/fuzz/tests/fuzz is ready ($build_seconds s)"
    else
        say "build/$preset/skein is ready ($build_seconds s)"
    fi
}

command_lint() {
    at_most 0 "$@"
    need lint
    local status=0
    tests/lint/lint || status=1
    tests/lint/test || status=1
    return $status
}

command_format() {
    at_most 0 "$@"
    need lint
    say "clang-format over every C file"
    git ls-files --cached --others --exclude-standard -- '*.c' '*.h' | while read -r file; do
        [ ! -f "$file" ] || echo "$file"
    done | xargs -r clang-format -i
}
