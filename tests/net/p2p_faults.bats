#!/usr/bin/env bats
# Peer to peer when things break: each row of a table is a fault, the moment it comes, and
# what is to become of everybody.

bats_require_minimum_version 1.5.0
load nodes

BYTES=8000000
BLOCK=32768

# Percent of all bytes that the peers say they have.
delivered() { # PEERS
    local sum=0 log last
    for log in h*.jsonl; do
        last=$(grep -o '"event":"\(progress\|finish\)","bytes":[0-9]*' "$log" | tail -n 1)
        last=${last##*:}
        sum=$((sum + ${last:-0}))
    done
    echo $((100 * sum / ($1 * BYTES)))
}

reached() { # PERCENT PEERS
    [ "$(delivered "$2")" -ge "$1" ]
}

# Blocks that at least one of these has.
known_to() { # NAME...
    cat "${@/%/.jsonl}" | grep '"event":"block"' | grep -o '"block":[0-9]*' | sort -u | wc -l
}

all_known_to() { # NAME...
    [ "$(known_to "$@")" = "$(blocks_of "$1")" ]
}

strike() { # FAULT NAME...
    local fault=$1 name
    shift
    for name in "$@"; do
        case $fault in
        kill) kill -9 "$(cat "$name.pid")" ;;
        pause) kill -STOP "$(cat "$name.pid")" ;;
        corrupt) kill -USR1 "$(cat "$name.pid")" ;;
        esac
    done
}

# The clients h1 ... hN that are not in a list.
others() { # PEERS NAME...
    local peers=$1
    shift
    names "$peers" | grep -vxF "$(printf '%s\n' "$@")"
}

begin() { # PEERS
    rm -f ./*
    make_file $BYTES
    start_p2p "$1" $BLOCK
    start_peers "$1"
    # shellcheck disable=SC2046
    open_gate $(names "$1")
}

complete() { # SECONDS NAME...
    local seconds=$1
    shift
    wait_for "$seconds" ended "$@"
    assert_received "$@"
    assert_ended_with 0 "$@"
}

@test "peers killed, whichever and whenever: the others complete" {
    local row name
    slow_down 60mbit
    for row in "1 4 h2" "40 4 h1 h3" "60 5 h1 h2 h3 h4"; do
        echo "percent, peers, killed: $row" >&2
        # shellcheck disable=SC2086
        set -- $row
        local percent=$1 peers=$2
        shift 2
        begin "$peers"
        # One that had not asked for anything yet would be nobody that is lost.
        for name in "$@"; do wait_for 20 said "$name" block; done
        wait_for 20 reached "$percent" "$peers"
        strike kill "$@"
        # shellcheck disable=SC2046
        complete 20 $(others "$peers" "$@")
        wait_for 10 ended s1
        assert_ended_with 1 s1
        grep -q "$# of $peers peers left before they had the file" s1.log
    done
}

@test "peers paused for good: the others complete, and do not wait for them longer than said" {
    slow_down 60mbit
    begin 4
    wait_for 20 reached 20 4
    strike pause h2 h3
    for name in h1 h4; do wait_for 10 said $name finish; done
    complete 25 h1 h4
    wait_for 5 ended s1
    grep -q 'said nothing for 10 s' s1.log
}

@test "a peer told to spoil blocks is found out, named, and does no harm" {
    slow_down 60mbit
    begin 4
    wait_for 20 reached 20 4
    strike corrupt h2
    complete 20 h1 h2 h3 h4
    wait_for 5 ended s1
    assert_ended_with 0 s1
    said h2 corrupting
    grep -q '"event":"bad_block".*"from":"10.9.1.2"' h1.jsonl h3.jsonl h4.jsonl
    grep -q '"event":"distrust","peer":"10.9.1.2:' s1.jsonl
    [ "$(grep -c '"event":"distrust"' s1.jsonl)" = 1 ]
}

@test "a server killed after each block is with somebody: the peers complete by themselves" {
    local row
    slow_down 100mbit
    for row in "3" "5 h2"; do
        echo "peers, killed with the server: $row" >&2
        # shellcheck disable=SC2086
        set -- $row
        local peers=$1 left
        shift
        left=$(others "$peers" none "$@")
        begin "$peers"
        # One stands still meanwhile, so that it needs the others when the server is gone.
        wait_for 20 reached 10 "$peers"
        strike pause h1
        # shellcheck disable=SC2086
        wait_for 20 all_known_to $left
        strike kill s1 "$@"
        kill -CONT "$(cat h1.pid)"
        # shellcheck disable=SC2086
        complete 20 $left
        # shellcheck disable=SC2086
        [ -n "$(for name in $left; do said "$name" alone && echo "$name"; done)" ]
    done
}

@test "one that was not told all digests has them from the others when the server is gone" {
    local left="h1 h2 h3"
    slow_down 100mbit
    rm -f ./*
    make_file $BYTES
    start_p2p 3 1024 # so many blocks that their digests are told bit by bit
    start_peers 3
    # shellcheck disable=SC2086
    open_gate $left
    wait_for 20 reached 5 3
    strike pause h1
    wait_for 30 all_known_to h2 h3
    strike kill s1
    kill -CONT "$(cat h1.pid)"
    # shellcheck disable=SC2086
    complete 30 $left
    said h1 alone
}

@test "a server killed with blocks that nobody else has: every peer says so soon" {
    slow_down 50mbit
    begin 4
    wait_for 20 reached 10 4
    strike kill s1
    wait_for 10 ended h1 h2 h3 h4
    assert_ended_with 1 h1 h2 h3 h4
    for name in h1 h2 h3 h4; do
        grep -q '"event":"error".*the server is gone, and no peer that is left has [0-9]* of [0-9]* blocks' \
            $name.jsonl
    done
}

@test "a peer that comes late completes, and one that never comes is not waited for" {
    slow_down 200mbit
    rm -f ./*
    make_file $BYTES
    start_p2p 4 $BLOCK
    start_peers 4
    open_gate h1 h2
    wait_for 20 reached 30 4
    open_gate h3
    strike kill h4
    complete 25 h1 h2 h3
}

# Nothing to or from this peer arrives any more, whichever way it takes.
cut_off() { # NUMBER
    inside sh -c "ip rule add pref 100 lookup local; ip rule del pref 0
        ip rule add pref 50 to 10.9.1.$1 blackhole; ip rule add pref 51 from 10.9.1.$1 blackhole" ||
        skip "no routing rules here"
}

@test "a peer cut off for good: the others complete within the bound, and it says so itself" {
    slow_down 50mbit
    begin 4
    wait_for 20 reached 20 4
    cut_off 2
    complete 25 h1 h3 h4
    wait_for 5 ended s1
    assert_ended_with 1 s1
    grep -q '10.9.1.2:[0-9]* left before it had the file' s1.log
    wait_for 30 ended h2
    assert_ended_with 1 h2
    said h2 alone
}

@test "a path to the server cut for a while: all complete over the same connections" {
    slow_down 200mbit
    begin 3
    wait_for 20 reached 30 3
    at_server ip link set servers down
    sleep 1
    at_server sh -c 'ip link set servers up; ip route add 10.9.1.0/24 dev servers'
    complete 20 h1 h2 h3
    wait_for 5 ended s1
    assert_ended_with 0 s1
    [ "$(grep -c '"event":"connect"' h1.jsonl)" = 1 ]
}

@test "a server paused for a while: all complete when it goes on" {
    slow_down 40mbit
    begin 3
    wait_for 20 reached 20 3
    strike pause s1
    sleep 2
    kill -CONT "$(cat s1.pid)"
    complete 20 h1 h2 h3
    wait_for 5 ended s1
    assert_ended_with 0 s1
    ! grep -q '"event":"alone"' h?.jsonl
}

@test "a server paused for good: who can complete does, the bound after it fell silent" {
    slow_down 40mbit
    begin 3
    # One stands still meanwhile, so that it needs the others when the server is gone.
    wait_for 20 reached 10 3
    strike pause h1
    wait_for 20 all_known_to h2 h3
    strike pause s1
    kill -CONT "$(cat h1.pid)"
    complete 25 h1 h2 h3
    grep -q '"event":"alone","reason":"the server said nothing for 10 s"' h?.jsonl
}

# From whom a peer got a block.
brought_by() { # NAME BLOCK
    grep "\"event\":\"block\",\"block\":$2," "$1.jsonl" | grep -o '"from":"[^"]*"'
}

@test "a peer that trickles what it promised: the server brings it, and nobody waits for the rest" {
    local what block address waited=0
    make_file $BYTES
    slow_down 100mbit
    start_p2p 4 $BLOCK
    # Not through a function, so that $! is its pid.
    nsenter --preserve-credentials -U -n -t "$CLIENT_SIDE" -- \
        python3 "$SOURCE_DIR/tests/net/nodes_hostile.py" $SERVER 5000 10.9.1.99 trickle >trickler 3>&- &
    echo $! >trickler.pid
    wait_for 20 grep -q '"event":"accept"' s1.jsonl
    start_peers 3
    open_gate h1 h2 h3
    for name in h1 h2 h3; do wait_for 60 said $name finish; done
    cat trickler
    run ! grep whole trickler
    assert_received h1 h2 h3
    # None of its promises was kept, and at least one was waited for until the server stepped in.
    while read -r what block address; do
        [ "$what" = trickles ]
        [ "$(brought_by "h${address##*.}" "$block")" != '"from":"10.9.1.99"' ]
        [ "$(brought_by "h${address##*.}" "$block")" != '"from":"10.9.0.1"' ] || waited=$((waited + 1))
    done <trickler
    [ "$waited" -ge 1 ]
}
