# What a trial's figures are worth when its links, its queues or its start are not what the
# experiment says: a test for each such row of the table in docs/results-format.md.

load causes

@test "link_over: a link that is opened up behind labctl's back makes the trial invalid" {
    shaped x '.workload.file.size = "4MB"'
    begin x
    soon shape r1 r1-eth1 80Mbit
    finish
    assert_status 0
    assert_found x invalid link_over
    assert_text "the link of h2 carried" stdout
    assert_json '.summary.makespan_s.n == 0' "$(run_dir x)/results.json"
}

@test "link_over: so does one that is opened up for the client that is done last" {
    shaped x '.workload.file.size = "2MB"'
    begin x
    soon shape r1 r1-eth0 80Mbit
    soon shape r1 r1-eth1 80Mbit
    finish
    assert_status 0
    assert_found x invalid link_over
}

@test "link_under: a link that is throttled behind labctl's back makes the trial suspect" {
    shaped x '.workload.file.size = "2MB"'
    begin x
    soon shape r1 r1-eth0 3Mbit
    finish
    assert_status 0
    assert_found x suspect link_under
    assert_json '.trials[0].conditions.link_use < 0.6' "$(run_dir x)/results.json"
}

# sending NAME RATE BURST STEADY [JQ_FILTER]: h1 sends packets of 100 bytes, BURST of them without a
# pause, and 20 at a time, which any queue takes, until there were STEADY more. h2 is only sent to.
sending() {
    local command
    command=$(jq -n --arg burst "$3" --arg steady "$4" '["python3", "-c", "
import socket, time
to, out = (\"192.168.20.1\", 9), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for count in [\($burst)] + [20] * (\($steady) // 20):
    for _ in range(count): out.sendto(bytes(100), to)
    time.sleep(0.002)"]')
    commands "$1" "$command" '.workload.clients = ["h1"] |
        .topology.link = {up: "'"$2"'", down: "'"$2"'", queue: "8KiB"} | '"${5:-.}"
}

@test "queue_drops: a program that sends more than its link takes makes the trial suspect" {
    sending x 8Mbit 3000 0
    run_apart "$LABCTL" run x.json
    assert_status 0
    assert_found x suspect queue_drops
    assert_json '.trials[0].conditions | .drop_share > 0.05 and .drops > 100' \
        "$(run_dir x)/results.json"
}

# The trial has a note about dropped packets, and no worse.
assert_noted() {
    assert_found x valid queue_drops
    assert_json 'all(.trials[0].reasons[]; .code != "queue_drops" or .verdict == "valid")' \
        "$(run_dir x)/results.json"
}

@test "queue_drops: some drops are a note" {
    sending x 16Mbit 600 12000
    run_apart "$LABCTL" run x.json
    assert_status 0
    assert_noted
    assert_json '.trials[0].conditions | .drop_share > 0.01 and .drop_share < 0.05' \
        "$(run_dir x)/results.json"
}

@test "queue_drops: drops beside a fault, which drops packets itself, are a note" {
    sending x 8Mbit 3000 0 '.faults = [{at: "0s", link: "h2", down: "4Mbit"}]'
    run_apart "$LABCTL" run x.json
    assert_status 0
    assert_noted
}

@test "start_skew: a client that is stopped when it should begin makes the trial suspect" {
    shaped x '.workload.start = {stagger: "700ms"}'
    begin x
    soon said x h2.cs_client ready
    pid=$(node_pid h2)
    kill -STOP "$pid"
    sleep 1.5
    kill -CONT "$pid"
    finish
    assert_status 0
    assert_found x suspect start_skew
    assert_json '.trials[0] | .start_skew_s > 0.1 and .hosts[1].start_s > 0.9' \
        "$(run_dir x)/results.json"
}
