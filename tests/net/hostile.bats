#!/usr/bin/env bats
# Whatever comes over the network, it ends its own connection and nothing else; the tables
# are in hostile.py.

bats_require_minimum_version 1.5.0
load nodes

hostile() {
    python3 "$BATS_TEST_DIRNAME/hostile.py" "$@"
}

# In the background; its pid is in $1.pid, it is set up when it has said so.
start_hostile() { # NAME SIDE ARGS...
    local name=$1 side=$2
    shift 2
    rm -f "$name.said"
    "$side" sh -c 'echo $$ >"$1.pid"; shift; exec "$@"' sh "$name" \
        python3 "$BATS_TEST_DIRNAME/hostile.py" "$@" >"$name.said" 3>&- &
    wait_for 60 test -s "$name.said"
}

gone() { # NAME
    ! kill -0 "$(cat "$1.pid")"
}

# Each row of the table has ended a connection, and the server's log says why.
assert_told() { # MODEL
    local words
    while read -r words; do
        grep -Eq "^(error|Connection).*${words}" s1.log || {
            echo "the server's log does not say: $words" >&2
            tail -n 40 s1.log >&2
            return 1
        }
    done < <(hostile expect "$1")
}

descriptors_of() { # NAME
    find "/proc/$(cat "$1.pid")/fd" -mindepth 1 -maxdepth 1 | wc -l
}

# Time on the processor so far, in hundredths of a second.
ticks_of() { # NAME
    awk '{ print $14 + $15 }' "/proc/$(cat "$1.pid")/stat"
}

# It has done what was asked of it so far.
stands_still() { # NAME
    local before
    before=$(ticks_of "$1")
    sleep 0.3
    [ "$(($(ticks_of "$1") - before))" -le 1 ]
}

# Two clients come after the others, and all is well with them. $1 says how many descriptors the
# server may have open; it does not spin meanwhile.
two_get_in() { # DESCRIPTORS
    local before
    wait_for 20 stands_still s1
    [ "$(descriptors_of s1)" -le "$1" ]
    before=$(ticks_of s1)
    sleep 1
    [ "$(($(ticks_of s1) - before))" -le 20 ]
    start_cs_clients 2
    open_gate h1 h2
    wait_for 20 ended h1 h2 s1
    assert_received h1 h2
}

@test "client/server: each of a table of attacks ends its own connection" {
    make_file 6000000
    slow_down 20mbit
    start_cs 2
    start_cs_clients 2
    open_gate h1 h2
    wait_for 10 said h1 progress
    wait_for 10 said h2 progress
    inside python3 "$BATS_TEST_DIRNAME/hostile.py" attack cs $SERVER 5000
    wait_for 30 ended h1 h2 s1
    assert_told cs
    assert_received h1 h2
    assert_ended_with 0 s1 h1 h2
}

@test "peer to peer: each of a table of attacks ends its own connection" {
    make_file 2000000
    slow_down 20mbit
    start_p2p 20 1024 # so many blocks that digests are told bit by bit
    inside python3 "$BATS_TEST_DIRNAME/hostile.py" ask_beyond $SERVER 5000
    start_peers 2
    open_gate h1 h2
    wait_for 10 said h1 progress
    inside python3 "$BATS_TEST_DIRNAME/hostile.py" attack p2p $SERVER 5000
    wait_for 40 said h1 finish
    wait_for 40 said h2 finish
    assert_told p2p
    assert_received h1 h2
}

@test "peer to peer: who asks for the length and leaves is no peer that was lost" {
    make_file 8000000
    slow_down 20mbit
    start_p2p 2 65536
    inside python3 "$BATS_TEST_DIRNAME/hostile.py" visit $SERVER 5000
    start_peers 2
    open_gate h1 h2
    wait_for 10 said h1 progress
    inside python3 "$BATS_TEST_DIRNAME/hostile.py" visit $SERVER 5000
    wait_for 40 ended h1 h2 s1
    assert_received h1 h2
    assert_ended_with 0 s1 h1 h2
    [ "$(grep -c '"event":"close"' s1.jsonl)" = 4 ]
    ! grep -q 'left before' s1.log
}

@test "thousands of idle connections keep nobody out, and cost little" {
    make_file 1000000
    start_cs 2
    start_hostile idle inside idle 3000 $SERVER 5000
    # Twice the clients and 256 more, and what the program has open besides.
    two_get_in 290
    grep -q 'it asked for nothing, and others came' s1.jsonl
}

@test "peer to peer: idle connections keep nobody out" {
    make_file 1000000
    start_p2p 2 65536
    start_hostile idle inside idle 600 $SERVER 5000
    [ "$(descriptors_of s1)" -le 290 ]
    start_peers 2
    open_gate h1 h2
    wait_for 20 ended h1 h2 s1
    assert_received h1 h2
    assert_ended_with 0 s1 h1 h2
}

@test "a flood of connections does not fill the log, and who comes after it is in it" {
    make_file 1000000
    start_cs 2
    inside python3 "$BATS_TEST_DIRNAME/hostile.py" flood 4200 $SERVER 5000
    start_cs_clients 2
    open_gate h1 h2
    wait_for 20 ended h1 h2 s1
    assert_received h1 h2
    assert_ended_with 0 s1 h1 h2
    [ "$(grep -c '"event":"accept"' s1.jsonl)" = 4098 ]
    [ "$(grep -c '"event":"close"' s1.jsonl)" = 4098 ]
    grep -q '"event":"error".*more than 4096 connections have come' s1.jsonl
}

@test "peer to peer: idle connections at a peer keep nobody out" {
    make_file 8000000
    slow_down 20mbit
    start_p2p 2 65536
    start_peers 2
    open_gate h1 h2
    wait_for 10 said h1 block
    start_hostile idle inside idle 400 10.9.1.1 5000
    # Two of each other peer, 256 more, and what the program has open besides.
    [ "$(descriptors_of h1)" -le 290 ]
    wait_for 20 ended h1 h2 s1
    assert_received h1 h2
    assert_ended_with 0 s1 h1 h2
    grep -q 'said nothing, and others came' h1.jsonl
}

@test "a server that runs out of descriptors lets those in who ask for something" {
    make_file 1000000
    (ulimit -n 64 && start s1 cs_server --file file --clients 2)
    wait_for 20 said s1 ready
    start_hostile idle inside idle 300 $SERVER 5000
    two_get_in 64
}

@test "servers that mean no good are told of, each for what it does" {
    local program name code words
    while read -r program name code words; do
        rm -f ./*
        start_hostile server at_server serve "$name" 5000
        mkfifo h1.gate
        if [ "$program" = cs_client ]; then
            start h1 cs_client --server $SERVER --output h1.out --gate h1.gate
        else
            start h1 p2p_peer --address 10.9.1.1 --server $SERVER --output h1.out --gate h1.gate
        fi
        open_gate h1
        wait_for 20 ended h1
        assert_ended_with 1 h1
        grep -q "\"code\":\"$code\",\"message\":\".*$words" h1.jsonl || {
            echo "$name:" "$(cat h1.log)" >&2
            return 1
        }
        [ "$name" != p2p-before ] ||
            grep -q '"event":"alone","reason":".*block 1 came before its digest' h1.jsonl
        kill -9 "$(cat server.pid)"
        wait_for 10 gone server
    done < <(hostile servers)
}
