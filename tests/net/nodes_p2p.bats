#!/usr/bin/env bats
# p2p_server and p2p_peer on a real network.

bats_require_minimum_version 1.5.0
load nodes

share() { # PEERS BLOCK_SIZE
    start_p2p "$1" "$2"
    start_peers "$1"
    # shellcheck disable=SC2046
    open_gate $(names "$1")
    # shellcheck disable=SC2046
    wait_for 60 ended s1 $(names "$1")
}

@test "files of every size arrive whole at one peer and at three" {
    local size peers
    for size in 0 1 4095 4096 4097 8192 1000001; do
        for peers in 1 3; do
            rm -f ./*
            make_file $size
            share $peers 4096
            # shellcheck disable=SC2046
            assert_received $(names $peers)
            # shellcheck disable=SC2046
            assert_ended_with 0 s1 $(names $peers)
            [ "$(grep -c '"event":"block"' h1.jsonl)" = $(((size + 4095) / 4096)) ]
        done
    done
}

@test "thirty peers share a file, and pass most of it on themselves" {
    make_file 3000000
    share 30 16384
    # shellcheck disable=SC2046
    assert_received $(names 30)
    # shellcheck disable=SC2046
    assert_ended_with 0 s1 $(names 30)
    local all server
    all=$(cat h*.jsonl | grep -c '"event":"block"')
    server=$(cat h*.jsonl | grep '"event":"block"' | grep -c '"from":"10.9.0.1"')
    [ "$all" = $((30 * $(blocks_of h1))) ]
    [ $((2 * server)) -lt "$all" ]
    [ "$(grep -c '"event":"report"' s1.jsonl)" = 30 ]
}

@test "each begins when the one before is done" {
    make_file 1000000
    start_p2p 3 16384
    start_peers 3
    local name
    for name in h1 h2 h3; do
        open_gate $name
        wait_for 20 said $name finish
    done
    wait_for 20 ended s1 h1 h2 h3
    assert_received h1 h2 h3
    assert_ended_with 0 s1 h1 h2 h3
    # Those who have the file serve: the last one got blocks from them.
    grep -q '"event":"block".*"from":"10.9.1.[12]"' h3.jsonl
}

@test "a peer that does not answer any more is not waited for" {
    make_file 50000000
    slow_down 400mbit
    start_p2p 4 65536
    start_peers 4
    open_gate h1 h2 h3 h4
    wait_for 20 said h2 progress
    kill -STOP "$(cat h2.pid)"
    for name in h1 h3 h4; do wait_for 60 said $name finish; done
    assert_received h1 h3 h4
    kill -CONT "$(cat h2.pid)"
    wait_for 60 ended s1 h1 h2 h3 h4
    assert_received h2
    assert_ended_with 0 s1 h1 h2 h3 h4
}

# A peer at 10.9.1.99 that sends broken blocks, and says so to the file hostile; or accuses others.
# Started without `inside`, so that $! is its pid.
start_hostile_peer() {
    nsenter --preserve-credentials -U -n -t "$CLIENT_SIDE" -- \
        python3 "$SOURCE_DIR/tests/net/nodes_hostile.py" $SERVER 5000 10.9.1.99 "$@" >hostile 3>&- &
    echo $! >hostile.pid
    wait_for 20 grep -q '"event":"accept"' s1.jsonl
}

@test "broken blocks are found, fetched again, and their sender passes nothing on any more" {
    make_file 3000000
    start_p2p 4 65536
    start_hostile_peer
    start_peers 3
    open_gate h1 h2 h3
    for name in h1 h2 h3; do wait_for 60 said $name finish; done
    assert_received h1 h2 h3
    [ -s hostile ]
    grep -q '"event":"bad_block".*"from":"10.9.1.99"' h1.jsonl h2.jsonl h3.jsonl
    ! grep '"event":"block"' h1.jsonl h2.jsonl h3.jsonl | grep -q '"from":"10.9.1.99"'
}

@test "a peer that accuses all others: they complete all the same, and the log names it" {
    make_file 3000000
    slow_down 50mbit
    start_p2p 4 65536
    start_hostile_peer accuse
    start_peers 3
    open_gate h1 h2 h3
    for name in h1 h2 h3; do wait_for 60 said $name finish; done
    assert_received h1 h2 h3
    grep -q '"event":"distrust".*"by":"10.9.1.99:' s1.jsonl
}

@test "garbage at every port does not touch the others" {
    make_file 5000000
    start_p2p 3 16384
    start_peers 3
    wait_for 20 said h1 ready
    wait_for 20 said h2 ready
    local at
    for at in $SERVER 10.9.1.1 10.9.1.2; do
        inside bash -c "exec 8<>/dev/tcp/$at/5000; head -c 100000 /dev/urandom >&8; sleep 0.1" || true
        inside bash -c "exec 8<>/dev/tcp/$at/5000; sleep 30" >/dev/null 2>&1 3>&- &
    done
    open_gate h1 h2 h3
    wait_for 30 ended s1 h1 h2 h3
    assert_received h1 h2 h3
    assert_ended_with 0 s1 h1 h2 h3
}

@test "a port in use, at the server and at a peer" {
    make_file 10
    start_p2p 1 4096
    start s2 p2p_server --file file --clients 1 --block-size 4096
    wait_for 10 ended s2
    assert_ended_with 1 s2
    grep -q 'port 5000.*Address already in use' s2.log

    start_peers 1
    wait_for 10 said h1 ready
    mkfifo h9.gate
    start h9 p2p_peer --address 10.9.1.1 --server $SERVER --output h9.out --gate h9.gate
    wait_for 10 ended h9
    assert_ended_with 1 h9
    grep -q 'port 5000 (10.9.1.1:5000): Address already in use' h9.log
}

@test "a full disk at one peer fails that peer alone" {
    make_file 3000000
    start_p2p 3 65536
    start_peers 2
    mkdir small
    mkfifo h3.gate
    (
        inside unshare -m sh -c 'mount -t tmpfs -o size=1m none small && exec "$@"' sh \
            "$NODES/p2p_peer" --node h3 --port 5000 --address 10.9.1.3 --server $SERVER \
            --output small/h3.out --gate h3.gate >h3.jsonl 2>h3.log || echo $? >h3.exit
    ) 3>&- &
    open_gate h1 h2 h3
    wait_for 30 ended h1 h2 h3
    # One that left before it had said a word may be nobody: then the server stays for who is to
    # come. Or it is about to end.
    ended s1 || kill "$(cat s1.pid)" || :
    wait_for 10 ended s1
    assert_received h1 h2
    assert_ended_with 0 h1 h2
    assert_ended_with 1 h3
    grep -q 'No space left' h3.log
}
