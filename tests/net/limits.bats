# What programs of a run cannot use up: processes, memory, disk. A program that tries ends its own
# run and nothing else.

load commands

@test "a fork bomb ends its own run, and says so" {
    commands x 'bomb() {{ bomb | bomb & }}; bomb; sleep 5' '.limits.processes = 100'
    run_as_anyone x.json
    assert_status 1
    grep -qE 'processes and threads, more than|processes faster than|ended with status|Resource' stdout stderr
    until_true 5 none_marked
}

@test "one process that takes too much memory fails alone" {
    commands x 'case {host} in h1) exec python3 -c "x = bytearray(300 << 20)";; esac' '.limits.memory = "200MB"'
    run_as_anyone x.json
    assert_status 1
    client_log x | grep -q MemoryError
    assert_json '.trials[0].hosts[1].status == "ok"' results/x/*/results.json
}

@test "many processes that take too much memory together end their run, and the node is named" {
    commands x 'case {host} in h1) for i in 1 2 3 4; do
        python3 -c "import time; x = bytearray(b\"x\" * (60 << 20)); time.sleep(20)" & done; wait;; esac' \
        '.limits.memory = "150MB"'
    run_as_anyone x.json
    assert_status 1
    jq -r .error.message results/x/*/results.json |
        grep -qE 'h1: its programs hold .* MB of memory, more than "limits" allow it: 150 MB'
}

@test "a file that grows without end ends its program" {
    commands x 'case {host} in h1) exec yes >big;; esac' '.limits.file = "5MB"'
    run_as_anyone x.json
    assert_status 1
    grep -qE 'h1.*(signal 25|status 153)' stdout
    cd results/x/*/trials/001
    [ "$(stat -c %s work/h1/big)" -eq 5000000 ]
}

@test "when the machine has no memory left, the kernel takes programs of a node first" {
    commands x 'echo taken: $(cat /proc/self/oom_score_adj)'
    run_as_anyone x.json
    assert_status 0
    client_log x | grep -x 'taken: 1000'
    "$LABCTL" run --quiet --output own x.json
    grep -x 'taken: 1000' own/x/*/trials/001/logs/h1.exec_client.log
}
