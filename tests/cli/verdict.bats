# What a trial's figures are worth: the samples it is told by, the statistics it goes into, and what
# becomes of it when logs are damaged. Processors and links: verdict_cpu.bats, verdict_links.bats.

load causes

@test "every trial has a verdict, the conditions it goes by, and samples in its log" {
    shaped x '.trials = 2'
    run_apart "$LABCTL" run -q x.json
    assert_status 0
    dir=$(run_dir x)
    assert_json '.trials | length == 2 and all((.verdict | . == "valid" or . == "suspect") and
        .conditions.window_s > 0.9 and .conditions.cpu_busy > 0 and .conditions.wait_max >= 0 and
        .conditions.link_use > 0.1 and .jain_index > 0.5)' "$dir/results.json"
    assert_json '.summary | .valid + .suspect == 2 and .invalid == 0 and .unknown == 0' \
        "$dir/results.json"
    log=$dir/trials/001/logs/labctl.jsonl
    [ "$(jq -c 'select(.event == "link")' "$log" | wc -l)" -eq 8 ]
    [ "$(jq -c 'select(.event == "cpu" and .total_ns > 0)' "$log" | wc -l)" -eq 2 ]
    # Each client received the file once, and its downlink carried it, with headers.
    jq -c 'select(.event == "link" and .direction == "down") | .bytes' "$log" | sort -n |
        tail -2 | while read -r bytes; do [ "$bytes" -gt 1000000 ] && [ "$bytes" -lt 1200000 ]; done
    [ "$(jq -s 'map(select(.event == "exit" and .cpu_ns > 0)) | length' \
        "$dir"/trials/001/logs/h?.cs_client.jsonl)" -eq 2 ]
}

@test "every code of the documented table has a test of its name" {
    codes=$(grep -oE '^\| `[a-z_]+` \| (invalid|suspect|note) ' "$SOURCE_DIR/docs/results-format.md" |
        cut -d'`' -f2 | sort -u)
    [ "$(echo "$codes" | wc -l)" -ge 18 ]
    for code in $codes; do
        grep -qE "^@test \"([a-z_]+, )*$code[,:]" "$SOURCE_DIR"/tests/cli/*.bats ||
            { echo "no test of $code" >&2; return 1; }
    done
}

@test "with telemetry there are samples in between" {
    shaped x '.telemetry = {interval: "100ms"} | .workload.file.size = "2MB"'
    run_apart "$LABCTL" run -q x.json
    assert_status 0
    log=$(run_dir x)/trials/001/logs/labctl.jsonl
    [ "$(jq -c 'select(.event == "cpu")' "$log" | wc -l)" -ge 4 ]
    jq -c 'select(.event == "link" and .node == "h1" and .direction == "down") | .bytes' "$log" |
        sort -nc
}

@test "damaged logs are found by the report too, and old logs without samples make no verdict" {
    shaped x '.topology.hosts = 1 | .workload.file.size = "300kB"'
    "$LABCTL" run -q x.json >/dev/null
    cp -r "$(run_dir x)" damaged
    cp -r "$(run_dir x)" backwards
    cp -r "$(run_dir x)" old
    rm */results.json
    echo 'no event' >>damaged/trials/001/logs/h1.cs_client.jsonl
    sed -i '/"finish"/s/"t":[0-9]*/"t":1/' backwards/trials/001/logs/h1.cs_client.jsonl
    sed -i '/"event":"\(cpu\|link\|program\)"/d' old/trials/001/logs/labctl.jsonl
    "$LABCTL" report damaged backwards old >/dev/null || [ $? -eq 3 ]
    report=damaged/report/runs.csv
    grep '^damaged,' $report | grep -qE ',(suspect),.*log_damage: 1 line of the log of h1 cannot be read'
    grep '^backwards,' $report | grep -qE ',invalid,"?clock: in the log of h1 the clock goes back'
    grep '^old,' $report | grep -qE ',unknown,$'
    for run in damaged backwards old; do [ ! -e $run/results.json ]; done
}

@test "invalid trials are shown, and left out of the statistics" {
    shaped x '.workload.file.size = "100kB" | .trials = 3'
    "$LABCTL" run -q x.json >/dev/null
    dir=$(run_dir x)
    # Trial 2 is made invalid: its links have carried ten times what their rate allows.
    sed -i '/"link"/s/"bytes":\([0-9]*\)/"bytes":\10/' "$dir/trials/002/logs/labctl.jsonl"
    rm "$dir/results.json"
    run_apart "$LABCTL" run -q --resume "$dir"
    assert_status 0
    assert_text "    2  ok, invalid " stdout
    assert_text "invalid (left out of the statistics)" stdout
    assert_text "- trial 2, invalid: the link of h" stdout
    assert_json '.trials[1].verdict == "invalid" and .trials[1].reasons[0].code == "link_over" and
        .summary.makespan_s.n == 2 and .summary.invalid == 1' "$dir/results.json"
    assert_json '[.trials[0, 2].makespan_s] as $m | .summary.makespan_s |
        .min == ($m | min) and .max == ($m | max)' "$dir/results.json"
}

# --- the logs ---------------------------------------------------------------------

# Another byte at the place where TEXT begins in a log of the run, as a bad disk would leave it.
spoil() { # NAME LOG TEXT BYTE
    local path at
    path=$(logs "$1")/$2.jsonl
    at=$(grep -obaF -- "$3" "$path" | head -1 | cut -d: -f1)
    printf %s "$4" | dd of="$path" bs=1 seek="$at" conv=notrunc status=none
}

@test "log_damage: a line that is spoilt while the run goes on makes the trial suspect" {
    shaped x
    begin x
    soon said x h1.cs_client ready
    spoil x h1.cs_client '"event":"start"' '#'
    finish
    assert_status 0
    assert_found x suspect log_damage
    assert_json '.trials[0].log_damage.malformed == 1' "$(run_dir x)/results.json"
}

@test "log_gap: an event that is lost while the run goes on makes the trial suspect" {
    shaped x '.workload.file.size = "2MB"'
    begin x
    soon said x h1.cs_client begin
    spoil x h1.cs_client 'begin"' B
    finish
    assert_status 0
    assert_found x suspect log_gap
    assert_text "its beginning is missing from the log of h1" stdout
}

# A labctl whose client on h2 has a clock that is five seconds ahead.
other_clock() {
    mkdir -p bin/nodes
    cp "$LABCTL" bin/labctl
    cp "$(dirname "$LABCTL")"/nodes/{cs,p2p,exec}_* bin/nodes/
    mv bin/nodes/cs_client bin/nodes/true_client
    lying_clock bin/ahead.so 'if (clock == CLOCK_MONOTONIC) time->tv_sec += 5;'
    cat >bin/nodes/cs_client <<END
#!/bin/sh
case "\$*" in *"--node h2 "*) export ${LYING[*]} LD_PRELOAD="$PWD/bin/ahead.so" ;; esac
exec "$PWD/bin/nodes/true_client" "\$@"
END
    chmod +x bin/nodes/cs_client
}

@test "clock: a log that was written by another clock makes the trial invalid" {
    shaped x
    other_clock
    run_apart bin/labctl run x.json
    assert_status 0
    assert_found x invalid clock
    assert_text "the log of h2 is of another time than the trial" stdout
}

@test "not_ok: a trial that fails is invalid" {
    commands x '["false"]'
    run_apart "$LABCTL" run x.json
    assert_status 1
    assert_json '.trials[0] | .status == "failed" and .verdict == "invalid" and
        .reasons[0].code == "not_ok"' "$(run_dir x)/results.json"
    assert_json '.summary | .invalid == 1 and .makespan_s.n == 0' "$(run_dir x)/results.json"
    grep -q '^verdict     invalid$' stdout
    assert_text "failed:" stdout
    assert_text "the command ended with status 1, expected 0" stdout
}

@test "not_ok: a trial that runs out of time is counted among the invalid ones" {
    commands x '["sh", "-c", "case $(pwd) in */002/*) sleep 60;; esac"]'
    jq '.trials = 2 | .timeout = "2s"' x.json >y && mv y x.json
    run_apart "$LABCTL" run x.json
    assert_status 1
    assert_json '.summary.invalid == 1' "$(run_dir x)/results.json"
    grep -qE '^verdicts +[01] valid, [01] suspect, 1 invalid \(left out of the statistics\)$' stdout
}
