# labctl rerun and labctl compare, on runs that were really made.

load common

# shaped NAME RATE: two hosts behind links of that rate, 5 trials of a small file.
shaped() {
    experiment "$1" ".topology.hosts = 2 | .topology.link = {up: \"$2\", down: \"$2\"} |
        .workload.file.size = \"100kB\" | .trials = 5"
}

@test "compare: one run is faster, in words and JSON, and in what the experiments differ" {
    shaped slow 1Mbit
    shaped fast 40Mbit
    "$LABCTL" run -q slow.json fast.json >/dev/null
    run_apart "$LABCTL" compare "$(run_dir slow)" "$(run_dir fast)"
    assert_status 0
    assert_told "B is " stdout
    grep -qE ' B is [0-9.]+ times faster than A: median .* against .*, difference .*, 95 % CI .* to .* \(Mann-Whitney p = 0\.0[0-9]+, 5 and 5 trials\)\.' unwrapped
    assert_text '/topology/link/up: "40Mbit" against "1Mbit"' stdout
    run_apart "$LABCTL" compare --json "$(run_dir fast)" "$(run_dir slow)"
    assert_status 0
    assert_json '.schema == "labctl.compare/1" and .finding == "slower" and .ratio < 0.5 and
        .difference_s > .difference_ci_low_s - 1e-9 and .difference_ci_low_s > 0 and
        .mann_whitney.exact and (.mann_whitney.p | . > 0.007 and . < 0.009) and
        .a.counted == 5 and (.b.makespans_s | length) == 5 and .machine_differences == [] and
        ([.experiment_differences[].pointer] | index("/topology/link/down"))' stdout
}

@test "compare: too few trials are said to be too few; another machine and file are warned of" {
    shaped x 20Mbit
    "$LABCTL" run -q -n 2 x.json >/dev/null
    "$LABCTL" rerun -q "$(run_dir x)" >/dev/null
    set -- output/x/*
    [ $# -eq 2 ]
    run_apart "$LABCTL" compare "$1" "$2"
    assert_status 0
    assert_told "Too few trials to tell whether A and B differ" stdout
    assert_told "4 trials of each are the least that can tell" stdout
    jq '.cpu.model = "another"' "$2/manifest.json" >m && mv m "$2/manifest.json"
    jq '.trials[0].file.sha256 = .trials[0].file.sha256[1:] + "0"' "$2/results.json" >r &&
        mv r "$2/results.json"
    run_apart "$LABCTL" compare "$1" "$2"
    assert_status 0
    assert_told "warning: the runs are from different machines or versions of software, so a difference may be theirs" stdout
    assert_text '/cpu/model: "another" against' stdout
    assert_text "warning: the files that were distributed are not the same" stdout
}

@test "compare: what is no run, a sweep, or has no trial that counts" {
    mkdir empty
    run_apart "$LABCTL" compare empty empty
    assert_status 2
    assert_text "empty is no run directory" stderr
    run_apart "$LABCTL" compare empty
    assert_status 2
    shaped x 20Mbit
    "$LABCTL" run -q -n 1 x.json >/dev/null
    dir=$(run_dir x)
    cp -r "$dir" failed
    jq '.trials[0].verdict = "invalid"' failed/results.json >r && mv r failed/results.json
    run_apart "$LABCTL" compare "$dir" failed
    assert_status 1
    assert_text "B, failed: none of its 1 trials counts" stderr
    mkdir failed/cells
    run_apart "$LABCTL" compare "$dir" failed
    assert_status 2
    assert_text "failed holds a sweep, and $dir does not" stderr
    cp -r failed other
    run_apart "$LABCTL" compare failed other
    assert_status 2
    assert_text "failed/results.json tells of no cells" stderr
}

@test "sweeps: rerun of the same share, several at once; compare cell by cell" {
    experiment x '.topology.hosts = 1 | .workload.file.size = "50kB" |
        .sweep = {"/topology/hosts": [1, 2], "/workload/model": ["cs", "p2p"]}'
    "$LABCTL" run -q --shard 2/2 x.json >/dev/null
    mv "$(run_dir x)" first
    run_apart "$LABCTL" rerun -q --jobs 2 --json first
    assert_status 0
    assert_json '.sweep.shard == 2 and .sweep.shards == 2 and (.cells | length) == 2' stdout
    [ "$(jq -c '[.cells[].cell]' stdout)" = "$(jq -c '[.cells[].cell]' first/results.json)" ]
    run_apart "$LABCTL" compare first "$(run_dir x)"
    assert_status 0
    grep -qE '^clients [12], model (cs|p2p): Too few trials to tell whether A and B differ' stdout
    assert_text "2 cells of both: too few trials in 2." stdout
    # A cell that the other does not have, and one with no trial that counts.
    dir=$(run_dir x)
    jq '.cells[0].values["/topology/hosts"] = 7' "$dir/results.json" >r && mv r "$dir/results.json"
    cell=$dir/$(jq -r '.cells[1].dir' first/results.json)
    jq '.trials[0].verdict = "invalid"' "$cell/results.json" >r && mv r "$cell/results.json"
    run_apart "$LABCTL" compare --json first "$dir"
    assert_status 0
    assert_json '.schema == "labctl.compare-sweeps/1" and .only_a == 1 and .only_b == 1 and
        (.cells | length) == 1 and .cells[0].finding == null and
        (.cells[0].sentence | contains("nothing to compare")) and (.cells[0].values | length) == 2' stdout
    run_apart "$LABCTL" compare first "$dir"
    assert_text "1 cell of both: nothing to compare in 1." stdout
    assert_text "B has 1 more, without a counterpart." stdout
}

@test "rerun: the same experiment from the record alone, wherever the run directory is" {
    shaped x 20Mbit
    "$LABCTL" run -q -n 1 x.json >/dev/null
    mv "$(run_dir x)" elsewhere
    rm -r output x.json
    run_apart "$LABCTL" rerun -n 2 -o again --json -q elsewhere
    assert_status 0
    assert_json '.experiment == "x" and (.trials | length) == 2 and .status == "ok"' stdout
    diff <(jq 'del(.trials)' elsewhere/experiment.json) \
        <(jq 'del(.trials)' again/x/*/experiment.json)
}

@test "rerun: of a sweep over files, one that has changed is refused, whichever cell has it" {
    for i in 1 2 3; do seq "$i" 20000 >"data$i"; done
    experiment x '.topology.hosts = 1 | .workload.file = {path: "data1"} |
        .sweep = {"/workload/model": ["cs", "p2p"], "/workload/file/path": ["data1", "data2", "data3"]}'
    "$LABCTL" run -q x.json >/dev/null
    dir=$(run_dir x)
    run_apart "$LABCTL" rerun -q -o again "$dir"
    assert_status 0
    echo more >>data3
    run_apart "$LABCTL" rerun -q -o third "$dir"
    assert_status 2
    assert_text "data3 has changed since the run in $dir/cells/003: its SHA-256 is" stderr
    [ ! -e third ]
}

@test "rerun: a given file that has changed is refused, one that has not is not" {
    seq 1 20000 >data
    experiment x '.topology.hosts = 2 | .workload.file = {path: "data"}'
    "$LABCTL" run -q x.json >/dev/null
    dir=$(run_dir x)
    run_apart "$LABCTL" rerun -q -o again "$dir"
    assert_status 0
    seq 2 20001 >data
    run_apart "$LABCTL" rerun -q -o third "$dir"
    assert_status 2
    assert_text "data has changed since the run in $dir: its SHA-256 is" stderr
    [ ! -e third ]
    rm data
    run_apart "$LABCTL" rerun -q -o third "$dir"
    [ "$status" -ne 0 ]
    assert_text "the file that the run distributed" stderr
    run_apart "$LABCTL" rerun nowhere
    assert_status 2
    assert_text "nowhere: no run can be repeated from it" stderr
}
