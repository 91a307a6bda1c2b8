# Sweeps: one file for many experiments.

load common

# Four cells, a trial each.
small_sweep() {
    experiment "$1" '.topology.hosts = 1 | .workload.file.size = "50kB" | .keep_files = false |
        .sweep = {"/topology/hosts": [1, 2], "/workload/model": ["cs", "p2p"]} | '"${2:-.}"
}

# Of two cells one fails: its only trial is over when time runs out.
failing_sweep() {
    small_sweep "$1" '.sweep = {"/timeout": ["1ms", "60s"]} | .trials = 2 |
        .workload.file.size = "5MB" | .topology.link = {down: "50Mbit"}'
}

# How many trials have come to their end.
ended() {
    cat output/x/*/cells/*/trials/*/logs/labctl.jsonl 2>/dev/null | grep -c '"event":"end"' || true
}

# Run x.json in the background until $1 trials are over, and send it signal $2.
stop_after() {
    "$LABCTL" run x.json >stdout 2>stderr &
    pid=$!
    for _ in $(seq 1000); do
        [ "$(ended)" -ge "$1" ] && break
        sleep 0.02
    done
    kill "-$2" "$pid"
    status=0
    wait "$pid" || status=$?
}

# Of every trial that is over, what its first client did.
digest_ended() {
    for log in $(grep -l '"event":"end","status":"ok"' output/x/*/cells/*/trials/*/logs/labctl.jsonl); do
        dir=$(dirname "$log")
        echo "${dir#output/x/*/} $(sha256sum <"$dir"/h1.*.jsonl)"
    done | sed 's|^[^ ]*cells/|cells/|' | sort
}

@test "every combination is a cell with a run directory of its own" {
    small_sweep x
    run_apart "$LABCTL" run x.json
    assert_status 0
    assert_text "sweep of 4 cells" stdout
    grep -qE '^ +3  ok(, suspect)? +1/1 .* clients 2, model cs$' stdout
    grep -qE '^verdicts +[0-4] valid, [0-4] suspect, 0 invalid$' stdout
    dir=$(run_dir x)
    assert_json '.status == "ok" and .sweep.cells == 4 and (.cells | length == 4) and
        .cells[3].values == {"/topology/hosts": 2, "/workload/model": "p2p"} and
        .cells[3].dir == "cells/004" and .cells[3].summary.ok == 1' "$dir/results.json"
    assert_json '.name == "x-004" and (.topology.hosts | length == 2) and .workload.model == "p2p"' \
        "$dir/cells/004/experiment.json"
    assert_json '.status == "ok" and .experiment == "x-004"' "$dir/cells/004/results.json"
    assert_json '.finished and .status == "ok"' "$dir/cells/004/manifest.json"
    assert_json '.sweep and .folder' "$dir/experiment.json"
    [ -z "$(find "$dir" -name '*.bin')" ]
    [ ! -e "$dir/files" ]
}

@test "check prints the cells with their bounds" {
    small_sweep x '.topology.link = {up: "1Mbit", down: "1Mbit"} | .workload.server = "h1" |
        .topology.hosts = 2 | .sweep = {"/topology/hosts": [2, 3]}'
    run_apart "$LABCTL" check x.json
    assert_status 0
    assert_text "Sweep of 2 cells" stdout
    grep -qE '^ +2 +1 +836.5 ms +800 ms +server-uplink +clients 2$' stdout
}

@test "a bad value is told with the cell, and nothing is run" {
    small_sweep x '.sweep["/topology/hosts"] = [1, 0]'
    run_apart "$LABCTL" run x.json
    assert_status 2
    assert_text 'cell 3 (/topology/hosts = 0, /workload/model = "cs"): /topology/hosts: expected' stderr
    [ ! -e output ]
}

@test "a bad cell does not stop the rest" {
    failing_sweep x
    run_apart "$LABCTL" run --json x.json
    assert_status 1
    cmp stdout "$(run_dir x)/results.json"
    assert_json '.status == "timeout" and (.cells[0] | .status == "timeout" and .summary.trials == 1)
        and (.cells[1] | .status == "ok" and .summary.ok == 2)' stdout
    assert_text "x: cell 1 (timeout 1ms): " stderr
}

@test "cells whose trials are in doubt are told apart from those that are valid" {
    small_sweep x '.sweep = {"/topology/hosts": [1, 2, 3]}'
    "$LABCTL" run -q x.json >/dev/null
    dir=$(run_dir x)
    # As if the machine had been busy in cell 2 and not looked at in cell 3.
    for cell in 001:valid 002:suspect 003:unknown; do
        results=$dir/cells/${cell%:*}/results.json
        jq --arg verdict "${cell#*:}" '.summary |= (.valid = 0 | .suspect = 0 | .[$verdict] = 1)' \
            "$results" >changed && mv changed "$results"
    done
    run_apart "$LABCTL" run -q --resume "$dir"
    assert_status 0
    grep -qE '^ +1  ok +1/1 .* clients 1$' stdout
    grep -qE '^ +2  ok, suspect +1/1 .* clients 2$' stdout
    grep -qE '^ +3  ok, unknown +1/1 .* clients 3$' stdout
    assert_text "verdicts    1 valid, 1 suspect, 0 invalid," stdout
    assert_text " 1 unknown (no samples in the logs to tell by)" stdout
    assert_told "- cell 2 (clients 2): suspect; cells/002/results.json says why" stdout
}

@test "progress: on a terminal trials done, failed and left, redrawn in place, and what runs" {
    failing_sweep x
    run_apart script -qec "'$LABCTL' run --jobs 2 x.json" typescript
    tr -d '\r' <stdout >screen
    grep -qE 'x: [01] of 4 trials done, 0 failed, [34] left, about [0-9]+ s to go$' screen
    grep -qE 'x: [12] of [23] trials done, 1 failed, [12] left, about [0-9]+ s to go$' screen
    assert_text "  running: cell 2, timeout 60s" screen
    # Lines are drawn over the ones before, which are erased at the end.
    up=$(printf '\033[2A\033[J')
    assert_text "$up" screen
    drawn=$(grep -n 'to go$' screen | tail -1 | cut -d: -f1)
    tail -n +"$((drawn + 1))" screen | grep -qE "$(printf '\033')\[[12]A"
}

@test "progress: elsewhere a plain line now and then, and nothing when quiet" {
    failing_sweep x
    run_apart "$LABCTL" run x.json
    grep -qE '^x: 1 of [34] trials done, [01] failed, [23] left, about [0-9]+ s to go$' stderr
    ! grep -q "$(printf '\033')" stderr
    ! grep 'running:' stderr
    run_apart "$LABCTL" run --quiet x.json
    ! grep 'to go' stderr
}

@test "what this machine cannot run: a cell fails, all of them are status 3" {
    small_sweep x '.workload = {model: "cs", server: "r1", file: {size: "1kB"}} | .sweep = {"/workload": [.workload,
        .workload + {model: "exec", needs: {"no-such-program": "nothing"}, server_command: ["true"],
                     client_command: ["true"]}]}'
    run_apart "$LABCTL" run -q x.json
    assert_status 1
    assert_json '.cells | .[0].status == "ok" and .[1].error.code == "unsupported"' \
        "$(run_dir x)/results.json"
    rm -r output
    jq '.sweep["/workload"] |= .[1:]' x.json >y.json
    run_apart "$LABCTL" run -q y.json
    assert_status 3
    assert_text "no-such-program" stderr
    [ -z "$(ls output/x)" ]
}

@test "killed: no finished trial is lost, and --resume does the rest" {
    small_sweep x '.trials = 2'
    stop_after 2 KILL
    case $(run_dir x) in *.partial) ;; *) return 1 ;; esac
    digest_ended >before
    [ "$(wc -l <before)" -ge 2 ]
    run_apart "$LABCTL" run -q --jobs 2 --resume "$(run_dir x)"
    assert_status 0
    assert_json '.status == "ok" and (.cells | all(.summary.ok == 2))' "$(run_dir x)/results.json"
    digest_ended >after
    [ "$(wc -l <after)" -eq 8 ]
    [ -z "$(comm -23 before after)" ]
}

@test "Ctrl-C: what is finished is kept, status 130, and it says how to go on" {
    small_sweep x '.trials = 2'
    stop_after 3 TERM
    assert_status 130
    assert_text "labctl run --resume output/x/" stderr
    assert_json '.status == "interrupted"' "$(run_dir x)/results.json"
    digest_ended >before
    run_apart "$LABCTL" run -q --resume "$(run_dir x)"
    assert_status 0
    digest_ended >after
    [ -z "$(comm -23 before after)" ]
    assert_json '.status == "ok"' "$(run_dir x)/results.json"
}

@test "killed while it is resumed: results of before do not pass for those of now" {
    small_sweep x '.trials = 2 | .topology.link = {up: "1Mbit", down: "1Mbit"}'
    stop_after 3 TERM
    "$LABCTL" run -q --resume "$(run_dir x)" >/dev/null 2>&1 &
    pid=$!
    sought=no
    for _ in $(seq 400); do
        for record in output/x/*.partial/cells/*/experiment.json; do
            [ ! -e "$record" ] || [ -e "$(dirname "$record")/results.json" ] || sought=found
        done
        [ $sought = no ] || break
        sleep 0.02
    done
    kill -KILL "$pid"
    wait "$pid" || true
    [ $sought = found ]
    run_apart "$LABCTL" run -q --resume "$(run_dir x)"
    assert_status 0
    assert_json '.status == "ok" and (.cells | all(.summary.ok == 2))' "$(run_dir x)/results.json"
}

@test "shards share the cells, and know that they belong together" {
    small_sweep x
    "$LABCTL" run -q --shard 1/2 -o one x.json >/dev/null
    "$LABCTL" run -q --shard 2/2 -o two x.json >table
    assert_text "shard 2 of 2" table
    [ "$(jq .cells[].cell one/x/*/results.json two/x/*/results.json | sort | tr -d '\n')" = 1234 ]
    [ "$(jq -r .sweep.id one/x/*/results.json two/x/*/results.json | sort -u | wc -l)" -eq 1 ]
    assert_json '.cells | length == 2' one/x/*/results.json
    run_apart "$LABCTL" report -o merged one two
    [ "$(cut -d, -f2 merged/runs.csv | sort -u | grep -c '^x-00[1-4]$')" -eq 4 ]
}

@test "until: trials go on until the interval is narrow, or there are enough" {
    experiment a '.topology.hosts = 1 | .workload.file.size = 1 | .keep_files = false |
        .until = {ci: 1}'
    run_apart "$LABCTL" run -q a.json
    assert_status 0
    assert_json '(.trials | length >= 6) and .planned_trials == (.trials | length) and
        (.summary.makespan_s | .ci_high - .ci_low < .median)' "$(run_dir a)/results.json" ||
        assert_json '.trials | length == 30' "$(run_dir a)/results.json"
    small_sweep b '.sweep = {"/topology/hosts": [1]} | .until = {ci: 1e-9, max_trials: 7}'
    run_apart "$LABCTL" run -q b.json
    assert_status 0
    assert_json '.cells[0].summary.trials == 7' "$(run_dir b)/results.json"
}

@test "wrong values of --jobs and --shard end with 2" {
    small_sweep x
    for option in --jobs=0 --jobs=x --jobs=1000 --shard=0/2 --shard=3/2 --shard=1 --shard=1/2x; do
        run_apart "$LABCTL" run "$option" x.json
        assert_status 2
        assert_text "${option%%=*}: expected" stderr
    done
    experiment plain
    run_apart "$LABCTL" run --jobs 2 plain.json
    assert_status 2
    assert_text "are for sweeps" stderr
    run_apart "$LABCTL" shell x.json
    assert_status 2
    assert_text "stands for several experiments" stderr
}
