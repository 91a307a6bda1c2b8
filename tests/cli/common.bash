# What the tests of the command line share. Each test has a folder of its own to work in.

export LSAN_OPTIONS="suppressions=$SOURCE_DIR/tests/lsan.supp:print_suppressions=0"

setup() {
    work=$(mktemp -d "${BATS_TMPDIR:-/tmp}/labctl-test.XXXXXX")
    cd "$work" || exit 1
}

teardown() {
    cd /
    rm -rf "$work"
}

# experiment NAME [JQ_FILTER]: write NAME.json, six hosts and a small file, changed by the
# filter.
experiment() {
    jq -n --arg name "$1" '{
        name: $name,
        topology: {hosts: 6},
        workload: {model: "cs", file: {size: "300kB", seed: 7}, block_size: "16KiB"},
        timeout: "30s"
    } | '"${2:-.}" >"$1.json"
}

# The one run directory of an experiment.
run_dir() {
    echo output/"$1"/*
}

# Standard output and error apart, and the status.
run_apart() {
    status=0
    "$@" >stdout 2>stderr || status=$?
}

assert_status() {
    [ "$status" -eq "$1" ] && return
    echo "expected status $1, found $status" >&2
    [ ! -e stdout ] || head -50 stdout stderr >&2
    [ -z "$output" ] || echo "$output" >&2
    return 1
}

# assert_json FILTER FILE: the filter is true of the file.
assert_json() {
    jq -e "$1" "$2" >jq.out && return
    echo "not true: $1, of" >&2
    jq . "$2" >&2
    return 1
}

assert_text() {
    grep -qF -- "$1" "$2" && return
    echo "expected in $2: $1" >&2
    cat "$2" >&2
    return 1
}

# assert_no_line PATTERN FILE...: no line matches (a `!` before a command is no assertion for bats,
# unless it comes last).
assert_no_line() {
    ! grep -HE -- "$@" >&2 || return 1
}

# assert_told TEXT FILE: as assert_text, wherever lines are broken, and none is longer than 80
# columns.
assert_told() {
    tr -s ' \n' ' ' <"$2" >unwrapped
    assert_text "$1" unwrapped
    ! grep -E '^.{81,}' "$2" >&2
}
