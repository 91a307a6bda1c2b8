# Telemetry: what programs tell of their TCP connections while a trial runs.

load common

# tcp_events NODE.PROGRAM [JQ_FILTER]: those events of the first trial, in an array.
tcp_events() {
    jq -s '[.[] | select(.event == "tcp")] | '"${2:-.}" "$(run_dir x)/trials/001/logs/$1.jsonl" >tcp.json
}

@test "off unless it is asked for" {
    experiment x '.topology.hosts = 2'
    run_apart "$LABCTL" run --quiet x.json
    assert_status 0
    [ "$(cat "$(run_dir x)"/trials/001/logs/*.jsonl | grep -c '"event":"tcp"')" -eq 0 ]
    assert_json '.telemetry.interval == "0ns"' "$(run_dir x)/experiment.json"
}

@test "cs: both ends of every connection, while it runs and at its end" {
    experiment x '.topology = {hosts: 2, link: {up: "20Mbit", down: "20Mbit"}}
        | .telemetry.interval = "10ms"'
    run_apart "$LABCTL" run --quiet x.json
    assert_status 0
    tcp_events r1.cs_server
    assert_json 'map(.connection) | unique == [1, 2]' tcp.json
    assert_json 'length > 4 and (map(.cwnd > 0 and .rtt_us > 0) | all)' tcp.json
    assert_json '[.[] | .bytes_sent] | max >= 300000 and max < 310000' tcp.json
    # 300 kB at 20 Mbit/s take 120 ms, so there is something between nothing and all.
    assert_json 'any(.bytes_sent > 0 and .bytes_sent < 300000)' tcp.json
    tcp_events h2.cs_client
    assert_json '.[-1].bytes_received >= 300000 and (.[-1].peer | startswith("192.168.20.254:"))' tcp.json
    assert_json 'map(.bytes_received) | . == sort' tcp.json
}

@test "p2p: connections between peers too; the numbers are those of accept" {
    # Enough blocks, and links slow enough, for every peer to have some of every other.
    experiment x '.topology = {hosts: 3, link: {up: "20Mbit", down: "20Mbit"}}
        | .workload.model = "p2p" | .workload.file.size = "1MB" | .telemetry.interval = "10ms"'
    run_apart "$LABCTL" run --quiet x.json
    assert_status 0
    logs=$(run_dir x)/trials/001/logs
    tcp_events h1.p2p_peer 'map(.peer | split(":")[0]) | unique'
    assert_json '. == ["192.168.10.254", "192.168.20.1", "192.168.30.1"]' tcp.json
    jq -s '[.[] | select(.event == "accept" or .event == "tcp") | "\(.connection) \(.peer)"]
        | unique | length' "$logs/r1.p2p_server.jsonl" >tcp.json
    assert_json '. == 3' tcp.json
}

@test "check shows the option that programs are given" {
    experiment x '.topology.hosts = 1 | .telemetry.interval = "100ms"'
    run_apart "$LABCTL" check x.json
    assert_status 0
    assert_text "--telemetry 100000000" stdout
}
