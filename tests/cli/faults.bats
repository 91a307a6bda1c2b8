# Faults as part of an experiment: the table faults.table, row by row, and what is shown of them.

load common

# What the last field of a row may say of results.json.
RESULTS_WORDS='
def host($name): .trials[0].hosts[] | select(.host == $name);
def killed($name): host($name) | .status == "failed" and .error.code == "killed" and .expected;
def happened($kind): any(.trials[0].faults[]; .kind == $kind and .reached and .at_s != null);
def survivors: [.trials[0].hosts[] | select(.expected | not)];
'

small() { # NAME MODEL FAULTS JOIN EXPECT
    experiment "$1" ".workload.model = \"$2\" | .workload.server = \"s1\" | .workload.file.size = \"4MB\" |
        .topology.hosts = [\"h1\", \"h2\", \"h3\", \"h4\", \"s1\"] | .timeout = \"40s\" |
        .topology.link = {up: \"50Mbit\", down: \"50Mbit\"} | .trials = 1 | .warmup = 0 |
        .faults = $3 | .join = $4 | .expect = $5"
}

trim() {
    sed 's/^ *//; s/ *$//' <<<"$1"
}

row() { # NUMBER NAME MODEL FAULTS JOIN EXPECT STATUS CONDITION
    local results
    small "row$1" "$3" "$4" "$5" "$6"
    "$LABCTL" run --quiet "row$1.json" >"row$1.out" 2>&1 || true # the row says what is right
    results=$(run_dir "row$1")/results.json
    jq -e "$RESULTS_WORDS (.status == \"$7\") and ($8) and
        (.status != \"ok\" or all(survivors[]; .verified))" "$results" >/dev/null && touch "passed$1" && return
    echo "row: $2"
    cat "row$1.out"
    jq '.trials[0] | {status, error, faults, hosts}' "$results"
} >"said$1" 2>&1

# The rows of a model, a few at a time: most of their time is spent waiting.
rows() { # MODEL
    local name model faults join expect status condition number=0
    while IFS='|' read -r name model faults join expect status condition; do
        case $name in '#'*) continue ;; esac
        [ "$(trim "$model")" = "$1" ] || continue
        number=$((number + 1))
        row $number "$name" "$1" "$faults" "$join" "$expect" "$(trim "$status")" "$condition" 3>&- &
        [ $((number % 4)) -ne 0 ] || wait
    done <"$SOURCE_DIR/tests/cli/faults.table"
    wait
    cat said*
    [ $number -ge 10 ] && [ "$(find . -name 'passed*' | wc -l)" -eq $number ]
}

@test "every row of the table, peer to peer" {
    rows p2p
}

@test "every row of the table, client/server" {
    rows cs
}

@test "faults are told in the plan, the table at the end, the CSV files and the plot" {
    small shown cs '[{"at": "30%", "kill": "h2"}, {"at": "90s", "pause": "h1", "for": "1s"}]' \
        '{"h4": "200ms"}' '{"h2": "killed"}'
    run_apart "$LABCTL" check shown.json
    assert_status 0
    assert_text "30%  kill h2" stdout
    assert_text "Joins late: h4, after 200ms." stdout
    assert_text "Expected: h2 killed." stdout
    run_apart "$LABCTL" run --quiet shown.json
    assert_status 0
    assert_text "kill h2" stdout
    assert_text "not reached: the transfer had ended" stdout
    grep -q '^h2 .* killed, as expected$' stdout
    run_apart "$LABCTL" report output
    assert_status 0
    grep -q ',kill,h2,30%,true,[0-9.]*,,,$' output/report/faults.csv
    grep -q ',pause,h1,90s,false,,,,the transfer had ended$' output/report/faults.csv
    grep -q "set label 'kill h2'" output/report/plots/bytes-shown.gp
}

@test "a fault that cannot be is refused, with its place" {
    small wrong cs '[{"at": "1s", "kill": "h9"}, {"at": "101%", "kill": "h1"}, {"at": "1s", "corrupt": "h1"},
        {"at": "1s", "link": "h1"}, {"at": "1s", "pause": "h1"}]' '{"s1": "1s"}' '{"h1": "killed", "h2": "killed"}'
    run_apart "$LABCTL" check wrong.json
    assert_status 2
    assert_text '/faults/0/kill: expected the name of a host of the topology, or "server", found "h9"' stderr
    assert_text '/faults/1/at: expected a time, or a share from 0% to 100%, found "101%"' stderr
    assert_text '/faults/2/corrupt: "corrupt" is for the clients of the model "p2p" alone' stderr
    assert_text '/faults/3: expected either "down_for", or "up" or "down" or both' stderr
    assert_text '/faults/4: "for" is missing' stderr
    assert_text '/join/s1: there is no client of this name' stderr
    assert_text '/expect/h2: there is no fault that kills it' stderr
}

# A client of the user's that leaves its work to a daemon, and waits for the file. The daemon is in
# a session of its own and its parent is gone; when it has half of the file, it writes down for a
# while when it runs.
DAEMON='
import os, sys, time
shared, output = sys.argv[1:]
data = open(shared, "rb").read()
if os.fork() == 0:
    os.setsid()
    if os.fork():
        os._exit(0)
    with open(output, "wb", buffering=0) as file, open(output + ".ticks", "w") as ticks:
        for i in range(150):
            print(time.monotonic_ns(), file=ticks, flush=True)
            time.sleep(0.02)
            if i == 1:
                file.write(data[:len(data) // 2])
        file.write(data[len(data) // 2:])
    os._exit(0)
os.wait()
while not os.path.exists(output) or os.path.getsize(output) < len(data):
    time.sleep(0.01)
'

# event KIND: when the fault was brought about.
event() {
    jq -s --arg kind "$1" '.[] | select(.event == "fault" and .kind == $kind) | .t' "$logs/labctl.jsonl"
}

# ticks HOST FROM TO: how often the daemon ran between two moments.
ticks() {
    awk -v from="$2" -v to="$3" '$1 > from && $1 < to' "$logs/../recv/$1/file.bin.ticks" | wc -l
}

@test "a daemon is reached by a kill and by a pause" {
    daemon="$DAEMON" experiment x '.topology.hosts = 2 | .trials = 1 | .expect = {h1: "killed"} |
        .workload = {model: "exec", file: {size: "1kB"},
            server_command: ["sleep", "60"], client_command: ["python3", "-c", env.daemon, "{file}", "{output}"]} |
        .faults = [{at: "40%", kill: "h1"}, {at: "40%", pause: "h2", for: "500ms"}]'
    run_apart "$LABCTL" run --quiet x.json
    logs=$(run_dir x)/trials/001/logs
    assert_status 0
    [ "$(ticks h1 0 "$(event kill)")" -ge 1 ]
    [ "$(ticks h1 "$(event kill)" 1e30)" -eq 0 ]
    [ "$(ticks h2 0 "$(event pause)")" -ge 1 ]
    [ "$(ticks h2 "$(event pause)" $(($(event pause) + 500000000)))" -eq 0 ]
    [ "$(ticks h2 "$(event resume)" 1e30)" -ge 1 ]
}

# A client of the user's that sends to another host, datagram after datagram, for a second and a half.
FLOOD='
import shutil, socket, sys, time
shared, output, peer = sys.argv[1:]
out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
began = time.monotonic()
while time.monotonic() - began < 1.5:
    try:
        out.sendto(b"x", (peer, 9))
    except OSError:
        pass # the way is cut off just now
shutil.copy(shared, output)
'

@test "a link comes back while others send to its host without a pause" {
    flood="$FLOOD" experiment x '.topology.hosts = 2 | .trials = 1 |
        .workload = {model: "exec", file: {size: "1kB"}, server_command: ["sleep", "60"],
            client_command: ["python3", "-c", env.flood, "{file}", "{output}", "{peers}"]} |
        .faults = [range(12) | {at: "\(. * 100 + 50)ms", link: "h2", down_for: "30ms"}]'
    run_apart "$LABCTL" run --quiet x.json
    assert_status 0
    assert_json '[.trials[0].faults[] | select(.kind == "link_up" and .reached)] | length == 12' \
        "$(run_dir x)/results.json"
}
