# However labctl dies, nothing of a run is left: no process, interface, namespace or mount.

load common

# A run that takes its time in every phase: 20 MB over 10 Mbit/s.
slow_experiment() {
    experiment slow '.topology = {hosts: 3, link: {up: "10Mbit", down: "10Mbit"}}
        | .workload.file.size = "20MB" | .timeout = "60s"'
}

# Start labctl in a session of its own, as from a terminal of its own.
start_labctl() {
    setsid "$LABCTL" run --quiet "$@" >stdout 2>stderr &
    labctl_pid=$!
}

# Let it come to where `$2...` is true, kill it, and look for what is left.
kill_when() {
    local patience=$1 before processes
    shift
    before=$(outside)
    slow_experiment
    start_labctl slow.json
    until_true "$patience" "$@"
    processes=$(marked_identities)
    kill -KILL "$labctl_pid"
    wait "$labctl_pid" || true
    assert_nothing_left "$processes" "$before"
}

log_has() {
    cat output/slow/*/trials/001/logs/"$1" 2>/dev/null | grep -qF "$2"
}

sandbox_is_there() {
    [ "$(marked | wc -l)" -ge 2 ]
}

shells_are_there() {
    [ "$(marked | wc -l)" -ge 4 ]
}

@test "killed when the sandbox begins" {
    kill_when 10 sandbox_is_there
}

@test "killed while the network is built" {
    kill_when 20 shells_are_there
}

@test "killed when programs start" {
    kill_when 30 log_has labctl.jsonl '"event":"trial"'
}

@test "killed while clients wait for their start" {
    kill_when 30 log_has h1.cs_client.jsonl '"event":"ready"'
}

@test "killed in the transfer" {
    kill_when 30 log_has h2.cs_client.jsonl '"event":"progress"'
}

@test "killed while files are hashed" {
    before=$(outside)
    experiment slow '.topology = {hosts: 2} | .workload.file.size = "300MB" | .timeout = "60s"'
    start_labctl slow.json
    until_true 60 log_has labctl.jsonl '"node_exit","node":"h2"'
    processes=$(marked_identities)
    kill -KILL "$labctl_pid"
    wait "$labctl_pid" || true
    assert_nothing_left "$processes" "$before"
    # It had not come to the end.
    ! log_has labctl.jsonl '"event":"end"'
}

@test "killed at moments of no meaning" {
    before=$(outside)
    slow_experiment
    for delay in 0.001 0.003 0.006 0.01 0.02 0.04 0.08 0.13 0.2 0.3 0.45 0.6; do
        start_labctl slow.json
        sleep $delay
        kill -KILL "$labctl_pid"
        wait "$labctl_pid" || true
        assert_nothing_left "" "$before"
    done
}

@test "the first process of the sandbox is killed: an error, and nothing left" {
    before=$(outside)
    slow_experiment
    start_labctl slow.json
    until_true 30 log_has h2.cs_client.jsonl '"event":"progress"'
    processes=$(marked_identities)
    kill -KILL "$(pgrep -P "$labctl_pid")"
    status=0
    wait "$labctl_pid" || status=$?
    assert_status 1
    assert_json '.status == "failed" and (.error.message | contains("signal 9"))' \
        output/slow/*/results.json
    log_has labctl.jsonl '"event":"end","status":"failed"'
    log_has labctl.jsonl '"outside":true'
    assert_nothing_left "$processes" "$before"
}

@test "interrupted in the transfer: status 130, whole logs, nothing left" {
    before=$(outside)
    slow_experiment
    start_labctl slow.json
    until_true 30 log_has h2.cs_client.jsonl '"event":"progress"'
    processes=$(marked_identities)
    kill -INT "$labctl_pid"
    status=0
    wait "$labctl_pid" || status=$?
    assert_status 130
    assert_nothing_left "$processes" "$before"
    assert_json '.status == "interrupted"' output/slow/*/results.json
    log_has labctl.jsonl '"event":"end","status":"interrupted"'
    for program in r1.cs_server h1.cs_client h2.cs_client h3.cs_client; do
        log_has $program.jsonl '"event":"exit"'
        [ -s output/slow/*/trials/001/logs/$program.exit ]
    done
}

@test "interrupted while the network is built: status 130, nothing left" {
    before=$(outside)
    experiment slow '.topology = {hosts: 30, link: {up: "10Mbit", down: "10Mbit"}} | .workload.file.size = "20MB"'
    start_labctl slow.json
    until_true 20 shells_are_there
    kill -INT "$labctl_pid"
    status=0
    wait "$labctl_pid" || status=$?
    assert_status 130
    assert_nothing_left "" "$before"
}

@test "a run that ends by itself leaves nothing either" {
    before=$(outside)
    experiment quick '.topology = {hosts: 3, link: {down: "2Mbit"}}'
    start_labctl quick.json
    until_true 20 shells_are_there
    processes=$(marked_identities)
    [ -n "$processes" ]
    wait "$labctl_pid"
    assert_nothing_left "$processes" "$before"
}
