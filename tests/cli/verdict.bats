# What a trial's figures are worth, caused for real: other programs beside the run, a link that is
# not what the experiment says, logs that were damaged.

load common

# Programs that want all processors, at normal priority, while the command runs and for no more
# than a minute.
beside_hogs() {
    hogs=()
    for _ in $(seq "$(($(nproc) * 2))"); do
        timeout 60 sh -c 'while :; do :; done' 3>&- &
        hogs+=($!)
    done
    "$@"
    kill "${hogs[@]}"
    wait "${hogs[@]}" 2>/dev/null || true
}

# Two hosts behind 8 Mbit/s and 500 kB each: half a second and more.
shaped() {
    experiment "$1" '.topology.hosts = 2 | .topology.link = {up: "8Mbit", down: "8Mbit"} |
        .workload.file.size = "1MB" | '"${2:-.}"
}

codes() {
    jq -r '.trials[0].reasons[].code' "$1"
}

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

@test "with telemetry there are samples in between" {
    shaped x '.telemetry = {interval: "100ms"}'
    run_apart "$LABCTL" run -q x.json
    assert_status 0
    log=$(run_dir x)/trials/001/logs/labctl.jsonl
    [ "$(jq -c 'select(.event == "cpu")' "$log" | wc -l)" -ge 4 ]
    jq -c 'select(.event == "link" and .node == "h1" and .direction == "down") | .bytes' "$log" |
        sort -nc
}

@test "a CPU hog beside the run makes it suspect, shaped or not, in table, JSON and CSV" {
    shaped x
    experiment bare '.topology.hosts = 2 | .workload.file.size = "1MB"'
    run_apart beside_hogs "$LABCTL" run -q x.json bare.json
    assert_status 0
    for name in x bare; do
        results=$(echo output/$name/*/results.json)
        assert_json '.status == "ok" and .trials[0].verdict == "suspect" and
            (.trials[0].reasons | any(.verdict == "suspect" and (.code | startswith("cpu_"))))' \
            "$results"
        assert_json '.summary.suspect == 1 and .summary.makespan_s.n == 1' "$results"
    done
    codes output/x/*/results.json | grep -qE '^cpu_(busy|pressure)$'
    [ "$(grep -c '^verdict     suspect' stdout)" -eq 2 ]
    assert_text "- suspect: the processors were" stdout
    "$LABCTL" report output >/dev/null || [ $? -eq 3 ]
    grep -qE ',suspect,"?cpu_' output/report/runs.csv
}

@test "damaged logs: a line that is no event is suspect, a clock that goes back is invalid" {
    shaped x '.workload.file.size = "300kB"'
    "$LABCTL" run -q x.json >/dev/null
    cp -r "$(run_dir x)" damaged
    cp -r "$(run_dir x)" backwards
    cp -r "$(run_dir x)" old
    rm */results.json
    echo 'no event' >>damaged/trials/001/logs/h1.cs_client.jsonl
    sed -i '/"finish"/s/"t":[0-9]*/"t":1/' backwards/trials/001/logs/h2.cs_client.jsonl
    sed -i '/"event":"\(cpu\|link\|program\)"/d' old/trials/001/logs/labctl.jsonl
    "$LABCTL" report damaged backwards old >/dev/null || [ $? -eq 3 ]
    report=damaged/report/runs.csv
    grep '^damaged,' $report | grep -qE ',(suspect),.*log_damage: 1 line of its logs'
    grep '^backwards,' $report | grep -qE ',invalid,"?clock: in the log of h2 the clock goes back'
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
