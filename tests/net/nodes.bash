# What the tests of the node programs share. They run on the loopback interface of a
# network namespace of their own, where every address 127.x.y.z is at hand.

NODES="$BUILD_DIR/nodes"

setup() {
    unshare -Urn true 2>/dev/null || skip "no namespaces here"
    TRIAL="$BATS_TEST_TMPDIR/trial"
    mkdir "$TRIAL"
    cd "$TRIAL" || return 1
    # One process holds the namespace; it ends with the test, as what runs in it does.
    unshare -Urn --pid --fork --kill-child sleep 600 3>&- &
    HOLDER=$!
    for _ in $(seq 500); do
        INSIDE=$(pgrep -P "$HOLDER" 2>/dev/null) && break
        sleep 0.01
    done
    inside ip link set lo up
}

teardown() {
    if [ -n "$HOLDER" ]; then
        kill -9 "$HOLDER"
        wait "$HOLDER" 2>/dev/null || true
    fi
}

# Run a command in the namespace.
inside() {
    nsenter --preserve-credentials -U -n -t "$INSIDE" -- "$@"
}

# start NAME PROGRAM ARGS...: run a node program in the background; its pid is in NAME.pid.
start() {
    local name=$1 program=$2
    shift 2
    (
        status=0
        nsenter --preserve-credentials -U -n -t "$INSIDE" -- "$NODES/$program" --node "$name" \
            --port 5000 "$@" >"$name.jsonl" 2>"$name.log" &
        echo $! >"$name.pid"
        wait $! || status=$?
        echo $status >"$name.exit.new"
        mv "$name.exit.new" "$name.exit"
    ) 3>&- &
}

# Make all traffic together no faster than this, so that there is time to interfere.
slow_down() { # RATE
    inside tc qdisc add dev lo root tbf rate "$1" burst 256k limit 4m
}

# wait_for SECONDS COMMAND...
wait_for() {
    local until=$((SECONDS + $1))
    shift
    until "$@" 2>/dev/null; do
        if [ $SECONDS -ge $until ]; then
            echo "waited in vain for: $*" >&2
            tail -n 5 ./*.log >&2
            return 1
        fi
        sleep 0.02
    done
}

said() { # NAME EVENT
    grep -q "\"event\":\"$2\"" "$1.jsonl"
}

ended() { # NAME...
    local name
    for name in "$@"; do [ -e "$name.exit" ] || return 1; done
}

# Tell those at their gates to begin at once: an instant long past.
open_gate() { # NAME...
    local name
    for name in "$@"; do
        wait_for 20 said "$name" ready
        printf '\0\0\0\0\0\0\0\0' >"$name.gate"
    done
}

make_file() { # BYTES
    head -c "$1" /dev/urandom >file
}

start_cs() { # CLIENTS
    start s1 cs_server --file file --clients "$1"
    wait_for 20 said s1 ready
}

start_cs_clients() { # COUNT [ARGS...]
    local count=$1 i
    shift
    for i in $(seq "$count"); do
        mkfifo "h$i.gate"
        start "h$i" cs_client --server 127.0.0.1 --output "h$i.out" --gate "h$i.gate" "$@"
    done
}

start_p2p() { # PEERS BLOCK_SIZE
    start s1 p2p_server --file file --clients "$1" --block-size "$2"
    wait_for 60 said s1 ready
}

# Peer i has the address 127.0.1.i.
start_peers() { # COUNT
    local i
    for i in $(seq "$1"); do
        mkfifo "h$i.gate"
        start "h$i" p2p_peer --address "127.0.1.$i" --server 127.0.0.1 --output "h$i.out" \
            --gate "h$i.gate"
    done
}

names() { # COUNT
    seq -f 'h%g' "$1"
}

assert_received() { # NAME...
    local name
    for name in "$@"; do
        cmp file "$name.out"
        said "$name" finish
    done
}

assert_ended_with() { # STATUS NAME...
    local status=$1 name
    shift
    for name in "$@"; do
        [ "$(cat "$name.exit")" = "$status" ] || {
            echo "$name ended with $(cat "$name.exit"), expected $status" >&2
            cat "$name.log" >&2
            return 1
        }
        grep -q "\"event\":\"exit\",\"status\":$status" "$name.jsonl"
    done
}
