# labctl run --resume: what was interrupted or killed is completed, and no more.

load common

# A run of three trials that is killed with signal $1 in the second one.
stop_in_second_trial() {
    experiment x '.topology = {hosts: 2, link: {up: "10Mbit", down: "10Mbit"}} |
        .workload.file.size = "1MB" | .trials = 3 | .warmup = 1'
    "$LABCTL" run -q x.json >stdout 2>stderr &
    pid=$!
    for _ in $(seq 400); do
        grep -qs '"begin"' output/x/*/trials/002/logs/h1.cs_client.jsonl && break
        sleep 0.02
    done
    kill "-$1" "$pid"
    wait "$pid" || true
    first=$(cat output/x/*/trials/001/logs/h1.cs_client.jsonl | sha256sum)
}

assert_completed() {
    assert_status 0
    assert_json '.status == "ok" and (.trials | length == 3 and all(.status == "ok"))
        and (.warmup_trials | length == 1)' "$(run_dir x)/results.json"
    [ "$first" = "$(cat output/x/*/trials/001/logs/h1.cs_client.jsonl | sha256sum)" ]
    [ "$(ls output/x | wc -l)" -eq 1 ]
    case $(run_dir x) in *.partial) return 1 ;; esac
    [ ! -e "$(run_dir x)/file.bin" ]
}

@test "killed: the directory stays partial, and --resume completes it without the suffix" {
    stop_in_second_trial KILL
    dir=$(run_dir x)
    case $dir in *.partial) ;; *) return 1 ;; esac
    run_apart "$LABCTL" run -q --resume "${dir%.partial}"
    assert_completed
    assert_json '.finished == null' "$(run_dir x)/manifest-1.json"
    assert_json '.finished' "$(run_dir x)/manifest.json"
}

@test "interrupted: results so far, and --resume completes them" {
    stop_in_second_trial TERM
    assert_json '.status == "interrupted"' "$(run_dir x)/results.json"
    run_apart "$LABCTL" run -q --json --resume "$(run_dir x)/"
    assert_completed
    cmp stdout "$(run_dir x)/results.json"
    # There is nothing left to do, and that is no mistake.
    run_apart "$LABCTL" run -q --resume "$(run_dir x)"
    assert_completed
}

@test "a run that is still going on is not resumed" {
    experiment x '.topology = {hosts: 1, link: {up: "1Mbit", down: "1Mbit"}} |
        .workload.file.size = "50MB"'
    "$LABCTL" run -q x.json >/dev/null 2>&1 &
    pid=$!
    for _ in $(seq 400); do
        [ -e output/x/*/manifest.json ] && break
        sleep 0.02
    done
    run_apart "$LABCTL" run --resume output/x/*
    kill -TERM "$pid"
    wait "$pid" || true
    assert_status 2
    assert_text "still being written to" stderr
}

@test "--resume takes a run directory, and nothing beside it" {
    experiment x '.topology.hosts = 1'
    run_apart "$LABCTL" run --resume nowhere
    assert_status 2
    assert_text "cannot find the run directory nowhere" stderr
    mkdir empty
    run_apart "$LABCTL" run --resume empty
    assert_status 2
    assert_text "no run directory" stderr
    run_apart "$LABCTL" run --resume empty x.json
    assert_status 2
    run_apart "$LABCTL" run --resume empty --trials 3
    assert_status 2
    assert_text "takes no file" stderr
}
