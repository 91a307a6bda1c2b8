#!/usr/bin/env bats
# cs_server and cs_client when clients, links and connections fail.

bats_require_minimum_version 1.5.0
load nodes

# The client's end of the connection is torn down by the kernel, as a path that is gone for too
# long does it, and both programs have to find out.
break_connections() {
    inside ss -K dst 10.9.0.1 dport = 5000 >/dev/null
}

events() { # NAME EVENT: how many
    grep -c "\"event\":\"$2\"" "$1.jsonl"
}

received_at_least() { # NAME BYTES: before its last connection broke
    local bytes
    bytes=$(sed -n 's/.*"event":"progress","bytes":\([0-9]*\).*/\1/p' "$1.jsonl" | tail -n 1)
    [ "${bytes:-0}" -ge "$2" ]
}

@test "a link that goes down and comes back: the transfer goes on" {
    make_file 3000000
    slow_down 20mbit
    start_cs 2
    start_cs_clients 2
    open_gate h1 h2
    wait_for 10 received_at_least h1 300000
    inside ip link set clients down
    sleep 0.5
    inside ip link set clients up
    wait_for 40 ended s1 h1 h2
    assert_received h1 h2
    assert_ended_with 0 s1 h1 h2
    [ "$(events s1 report)" = 2 ]
}

@test "a broken connection goes on where it was, and its client counts once" {
    inside ss -K dst 10.9.0.1 2>&1 | grep -qi 'not supported' && skip "no way to break a connection here"
    make_file 5000000
    slow_down 20mbit
    start_cs 2
    start_cs_clients 2
    open_gate h1 h2
    local round
    for round in 1 2; do
        wait_for 10 received_at_least h1 $((round * 500000))
        break_connections
        wait_for 10 said h1 retry
    done
    wait_for 40 ended s1 h1 h2
    assert_received h1 h2
    assert_ended_with 0 s1 h1 h2
    [ "$(events h1 retry)" -ge 1 ]
    [ "$(events h1 connect)" -ge 2 ]
    [ "$(events s1 resume)" -ge 2 ]
    [ "$(events s1 report)" = 2 ]
    # What was here before the break is not sent again.
    grep '"event":"resume"' s1.jsonl | grep -vq '"bytes":0'
}

@test "a client that is killed does not touch the others" {
    make_file 2000000
    slow_down 20mbit
    start_cs 3
    start_cs_clients 3
    open_gate h1 h2 h3
    wait_for 10 said h2 progress
    kill -9 "$(cat h2.pid)"
    wait_for 30 ended h1 h3
    assert_received h1 h3
    assert_ended_with 0 h1 h3
    # It might have come back: the server is there for it, and ends when it is told to.
    kill -TERM "$(cat s1.pid)"
    wait_for 10 ended s1
    grep -q 'is gone without the whole file, and has 25 seconds' s1.log
}

@test "a client that is stopped does not hold up the others, and goes on later" {
    make_file 3000000
    slow_down 30mbit
    start_cs 2
    start_cs_clients 2
    open_gate h1 h2
    wait_for 10 said h1 progress
    kill -STOP "$(cat h1.pid)"
    wait_for 20 ended h2
    assert_received h2
    kill -CONT "$(cat h1.pid)"
    wait_for 30 ended h1 s1
    assert_received h1
    assert_ended_with 0 s1 h1 h2
}

@test "a client that joins late has the file as well" {
    make_file 1000000
    start_cs 2
    start_cs_clients 2
    open_gate h1
    wait_for 10 ended h1
    sleep 1
    open_gate h2
    wait_for 10 ended h2 s1
    assert_received h1 h2
    assert_ended_with 0 s1 h1 h2
}

# One client, which has part of a file of 10 MB.
begin_slow_transfer() {
    make_file 10000000
    slow_down 20mbit
    start_cs 1
    start_cs_clients 1
    open_gate h1
    wait_for 10 said h1 progress
}

@test "a server that is gone is told at once, with what was received" {
    begin_slow_transfer
    kill -9 "$(cat s1.pid)"
    wait_for 5 ended h1
    assert_ended_with 1 h1
    grep -q '"code":"truncated","message":".* of 10000000 bytes.*; then: cannot connect.*refused' h1.jsonl
}

@test "a server that cannot be reached any more is told within the bound" {
    begin_slow_transfer
    at_server ip link set servers down
    # 10 seconds until the connection counts as broken, 10 for another one.
    wait_for 30 ended h1
    assert_ended_with 1 h1
    grep -q '"code":"truncated","message":".*; then: ' h1.jsonl
}
