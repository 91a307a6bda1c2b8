#!/usr/bin/env bats
# cs_server and cs_client on a real network.

bats_require_minimum_version 1.5.0
load nodes

fetch() { # CLIENTS
    start_cs "$1"
    start_cs_clients "$1"
    # shellcheck disable=SC2046
    open_gate $(names "$1")
    # shellcheck disable=SC2046
    wait_for 60 ended s1 $(names "$1")
}

@test "files of every size arrive whole" {
    local size
    for size in 0 1 4095 4096 65536 65537 5000000; do
        rm -f ./*
        make_file $size
        fetch 2
        assert_received h1 h2
        assert_ended_with 0 s1 h1 h2
    done
}

@test "thirty clients at once" {
    make_file 1000000
    fetch 30
    # shellcheck disable=SC2046
    assert_received $(names 30)
    assert_ended_with 0 s1
    [ "$(grep -c '"event":"report"' s1.jsonl)" = 30 ]
}

@test "the server tells in words who came, how long it took and who left" {
    make_file 100000
    fetch 1
    grep -Eq '^Accept new connection from 10\.9\.0\.2:[0-9]+$' s1.log
    grep -Eq '^10\.9\.0\.2:[0-9]+ had 100000 bytes after [0-9]+\.[0-9]+ seconds$' s1.log
    grep -Eq '^Connection from 10\.9\.0\.2:[0-9]+ closed after' s1.log
}

@test "a client that reads naively stops early, and says what it got" {
    make_file 20000000
    slow_down 50mbit
    start_cs 1
    start_cs_clients 1 --framing naive
    open_gate h1
    wait_for 20 ended s1 h1
    assert_ended_with 0 h1 s1
    local got
    got=$(stat -c %s h1.out)
    [ "$got" -gt 0 ]
    [ "$got" -lt 20000000 ]
    grep -q "\"event\":\"finish\",\"bytes\":$got" h1.jsonl
    cmp -n "$got" file h1.out
}

@test "a port in use is named" {
    make_file 10
    start_cs 1
    start s2 cs_server --file file --clients 1
    wait_for 10 ended s2
    assert_ended_with 1 s2
    grep -q 'port 5000.*Address already in use' s2.log
    grep -q '"event":"error","code":"node_failed"' s2.jsonl
}

@test "a file that is not there, and one that is none" {
    start s1 cs_server --file nothing --clients 1
    start s2 cs_server --file . --clients 1
    wait_for 10 ended s1 s2
    assert_ended_with 1 s1 s2
    grep -q 'cannot read nothing: No such file' s1.log
    grep -q '"code":"io"' s1.jsonl
    grep -q 'not a regular file' s2.log
}

@test "nobody listens: connection refused" {
    start_cs_clients 1
    open_gate h1
    wait_for 10 ended h1
    assert_ended_with 1 h1
    grep -q 'cannot connect to 10.9.0.1:5000: Connection refused' h1.log
}

@test "an output that cannot be made fails before the gate" {
    mkfifo h1.gate
    start h1 cs_client --server $SERVER --output /proc/nowhere/h1.out --gate h1.gate
    wait_for 10 ended h1
    assert_ended_with 1 h1
    grep -q '"code":"io"' h1.jsonl
}

@test "a full disk" {
    make_file 3000000
    start_cs 1
    mkdir small
    # The mount needs a mount namespace of its own: the client is started within it.
    mkfifo h1.gate
    (
        inside unshare -m sh -c 'mount -t tmpfs -o size=1m none small && exec "$@"' sh \
            "$NODES/cs_client" --node h1 --port 5000 --server $SERVER --output small/h1.out \
            --gate h1.gate >h1.jsonl 2>h1.log || echo $? >h1.exit
    ) 3>&- &
    open_gate h1
    wait_for 20 ended h1
    assert_ended_with 1 h1
    grep -q 'cannot write to small/h1.out: No space left' h1.log
    wait_for 10 ended s1
    grep -q 'gives up with' s1.log
    grep -q 'left before it had the file' s1.log
}

@test "a server that dies leaves its client with an error" {
    make_file 50000000
    slow_down 100mbit
    start_cs 1
    start_cs_clients 1
    open_gate h1
    wait_for 10 said h1 progress
    kill -9 "$(cat s1.pid)"
    wait_for 10 ended h1
    assert_ended_with 1 h1
    grep -q '"code":"truncated"' h1.jsonl
}

@test "strangers, silent ones and garbage do not touch the others" {
    make_file 5000000
    start_cs 2
    inside bash -c 'exec 8<>/dev/tcp/10.9.0.1/5000; head -c 100000 /dev/urandom >&8; sleep 0.2' || true
    inside bash -c 'exec 8<>/dev/tcp/10.9.0.1/5000; printf "GET / HTTP/1.0\r\n\r\n" >&8; sleep 0.1' || true
    inside bash -c 'exec 8<>/dev/tcp/10.9.0.1/5000; sleep 30' >/dev/null 2>&1 3>&- &
    start_cs_clients 2
    open_gate h1 h2
    wait_for 20 ended s1 h1 h2
    assert_received h1 h2
    assert_ended_with 0 s1 h1 h2
}

@test "SIGTERM ends a server with 0 and a client with 1" {
    make_file 10
    start_cs 1
    start_cs_clients 1
    wait_for 10 said h1 ready
    kill -TERM "$(cat s1.pid)" "$(cat h1.pid)"
    wait_for 10 ended s1 h1
    assert_ended_with 0 s1
    assert_ended_with 1 h1
    grep -q '"code":"interrupted"' h1.jsonl
}

@test "a gate closed without a word is an error" {
    start_cs_clients 1
    wait_for 10 said h1 ready
    : >h1.gate
    wait_for 10 ended h1
    assert_ended_with 1 h1
    grep -q 'the gate was closed after 0 bytes' h1.log
}

@test "wrong arguments are told" {
    run -2 inside "$NODES/cs_client" --node h1
    [[ "$output" == *"--port is missing"* ]]
    run -2 inside "$NODES/cs_server" --node s1 --port 0 --file f --clients 1
    [[ "$output" == *"--port 0: expected 1 to 65535"* ]]
    run -2 inside "$NODES/p2p_server" --framing naive
    [[ "$output" == *"unknown option --framing"* ]]
}
