# What the tests of the node programs share. Servers (named s1, s2 ...) and clients (all
# others) are in two network namespaces with a link between them, since a server listens
# at every address of its own, and peers at the same port.

PATH=$PATH:/usr/sbin:/sbin # tc, which an ordinary user's PATH may lack
NODES="$BUILD_DIR/nodes"
SERVER=10.9.0.1

# The pid of the `sleep` that $1 has started, when it runs.
child_of() {
    local child
    for _ in $(seq 500); do
        child=$(pgrep -x sleep -P "$1") && break
        sleep 0.01
    done
    echo "$child"
}

setup() {
    unshare -Urn true 2>/dev/null || skip "no namespaces here"
    TRIAL="$BATS_TEST_TMPDIR/trial"
    mkdir "$TRIAL"
    cd "$TRIAL" || return 1
    # One process holds each namespace; they end with the test, as what runs there does.
    unshare -Urn --pid --fork --kill-child sleep 600 3>&- &
    HOLDER=$!
    CLIENT_SIDE=$(child_of $HOLDER)
    nsenter --preserve-credentials -U -n -t "$CLIENT_SIDE" -- \
        unshare -n --fork --kill-child sleep 600 3>&- &
    SECOND_HOLDER=$!
    SERVER_SIDE=$(child_of $SECOND_HOLDER)
    inside ip link add clients type veth peer name servers netns "$SERVER_SIDE"
    inside ip -batch - < <(
        printf 'link set %s up\n' lo clients
        echo addr add 10.9.0.2/24 dev clients
        printf 'addr add 10.9.1.%d/32 dev clients\n' {1..99}
    )
    at_server ip -batch - <<'END'
link set lo up
link set servers up
addr add 10.9.0.1/24 dev servers
route add 10.9.1.0/24 dev servers
END
}

# The programs are in the namespaces' networks, and not among their processes: those that a
# test has left running are ended first.
teardown() {
    local holder
    cat ./*.pid 2>/dev/null | xargs -r kill -9 2>/dev/null || true
    for holder in $SECOND_HOLDER $HOLDER; do
        kill -9 "$holder"
        wait "$holder" 2>/dev/null || true
    done
}

# Run a command where the clients are, or where the servers are.
inside() {
    nsenter --preserve-credentials -U -n -t "$CLIENT_SIDE" -- "$@"
}

at_server() {
    nsenter --preserve-credentials -U -n -t "$SERVER_SIDE" -- "$@"
}

# start NAME PROGRAM ARGS...: run a node program in the background; its pid is in NAME.pid.
start() {
    local name=$1 program=$2 side=$CLIENT_SIDE
    shift 2
    [[ $name != s* ]] || side=$SERVER_SIDE
    (
        status=0
        nsenter --preserve-credentials -U -n -t "$side" -- "$NODES/$program" --node "$name" \
            --port 5000 "$@" >"$name.jsonl" 2>"$name.log" &
        echo $! >"$name.pid"
        wait $! || status=$?
        echo $status >"$name.exit.new"
        mv "$name.exit.new" "$name.exit"
    ) 3>&- &
}

# Make traffic no faster than this in each direction, so that there is time to interfere.
slow_down() { # RATE
    local shape="root tbf rate $1 burst 256k limit 4m"
    inside sh -c "tc qdisc add dev lo $shape; tc qdisc add dev clients $shape"
    at_server sh -c "tc qdisc add dev servers $shape"
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

# Into how many blocks it was told that the file is cut.
blocks_of() { # NAME
    grep '"event":"length"' "$1.jsonl" | grep -o '"blocks":[0-9]*' | cut -d : -f 2
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
        start "h$i" cs_client --server $SERVER --output "h$i.out" --gate "h$i.gate" "$@"
    done
}

start_p2p() { # PEERS BLOCK_SIZE
    start s1 p2p_server --file file --clients "$1" --block-size "$2"
    wait_for 60 said s1 ready
}

# Peer i has the address 10.9.1.i.
start_peers() { # COUNT
    local i
    for i in $(seq "$1"); do
        mkfifo "h$i.gate"
        start "h$i" p2p_peer --address "10.9.1.$i" --server $SERVER --output "h$i.out" \
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
