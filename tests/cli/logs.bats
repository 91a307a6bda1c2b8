#!/usr/bin/env bats
# Programs that say nothing, too much or rubbish: the others' figures stand, and what was not
# kept is counted.

load common

# An experiment of the model exec whose clients say what SCRIPT says, and copy the file.
talkers() { # NAME SCRIPT
    script=$2
    export script
    experiment "$1" '.topology.hosts = 2 | .workload.file.size = "100kB" | del(.workload.block_size)
        | .workload += {model: "exec", server_command: ["sleep", "60"],
            client_command: ["sh", "-c", env.script + "; cp {file} {output}"]}'
}

# A copy of labctl whose PROGRAM is the script on standard input.
substitute() { # PROGRAM
    cp "$LABCTL" labctl
    mkdir nodes
    cp "$BUILD_DIR"/nodes/{cs,p2p,exec}_{server,client,peer} nodes/ 2>/dev/null || true
    { echo '#!/bin/sh' && cat; } >"nodes/$1"
    chmod +x "nodes/$1"
}

@test "log_dropped: a client that says a hundred megabytes is verified, and its log stays small" {
    talkers x 'yes "some words that are said again and again" | head -c 100000000; printf "half a line"'
    run_apart "$LABCTL" run x.json
    assert_status 0
    run_dir=$(run_dir x)
    assert_json '.trials[0].log_damage.dropped_bytes == 2 * (100000000 + 11 - 16777216 - 65536)' \
        "$run_dir/results.json"
    assert_told "- note: 166.3 MB that commands said are not in their logs (log_dropped)" stdout
    log=$run_dir/trials/001/logs/h1.exec_client.log
    [ "$(stat -c %s "$log")" -lt 17000000 ]
    grep -aq '^\[labctl: 83157259 bytes were dropped here\]$' "$log"
    [ "$(tail -c 11 "$log")" = "half a line" ]
    "$LABCTL" report -f csv,json output >/dev/null
    assert_text "log_dropped: 166.3 MB that commands said" output/report/runs.csv
    assert_json '.runs[0].trials[0].reasons | any(.code == "log_dropped" and .verdict == "valid")' \
        output/report/report.json
}

@test "a client that says nothing, and one that says what is no text" {
    talkers x 'case {host} in h2) head -c 300000 /dev/urandom;; esac'
    run_apart "$LABCTL" run x.json
    assert_status 0
    assert_json '.trials[0].log_damage | .dropped_bytes == 0 and .malformed == 0' \
        "$(run_dir x)/results.json"
}

@test "a node program whose log is rubbish fails its own host, and is counted" {
    substitute cs_client <<'SCRIPT'
case $2 in
h1) exec "$0.real" "$@" ;;
esac
while [ "$1" != --gate ]; do shift; done
exec 3<>"$2" # its end of the gate is there from before it is ready until it was opened
head -c 5000 /dev/urandom | tr '\n' x; echo
head -c 200000 /dev/zero | tr '\0' a; echo
echo '{"t":1,"event":"ready"}'
head -c 8 <&3 >/dev/null
echo '{"t":2,"event":"finish","bytes":-5}'
echo '{"t":3,"event":"progress","bytes":1e400}'
echo '{"t":1,"event":'
printf '{"t":9,"event":"fin'
SCRIPT
    cp "$BUILD_DIR/nodes/cs_client" nodes/cs_client.real
    experiment x '.topology.hosts = 2 | .workload.model = "cs" | del(.workload.block_size)
        | .workload.file.size = "100kB"'
    run_apart ./labctl run x.json
    assert_status 1
    assert_json '.trials[0] | (.hosts[0] | .status == "ok" and .verified)
        and .hosts[1].status == "failed"
        and .log_damage.malformed >= 2 and .log_damage.too_long == 1 and .log_damage.partial == 1' \
        "$(run_dir x)/results.json"
}

@test "a node program whose log grows without end is stopped, and the run says why" {
    substitute cs_client <<'SCRIPT'
truncate -s 1100000000 /proc/self/fd/1
exec sleep 60
SCRIPT
    experiment x '.topology.hosts = 1 | .workload.model = "cs" | del(.workload.block_size)
        | .workload.file.size = "100kB" | .timeout = "30s"'
    run_apart ./labctl run x.json
    assert_status 1
    grep -q 'stopped, since it wrote 1100000000 bytes to logs/h1.cs_client.jsonl' stderr stdout
}
