# The TCP congestion control that an experiment asks for.

load common

# The congestion control of the connections of the first client, as ss tells it.
watched_experiment() {
    command -v ss >/dev/null || skip "ss is not installed"
    experiment x '.topology.hosts = 1 | .workload = {model: "exec", file: {size: 100},
        ready: {tcp: 5001}, output: false,
        server_command: ["python3", "-m", "http.server", "{port}"],
        client_command: ["sh", "-c", "exec 3<>/dev/tcp/{server_ip}/{port}; ss -tinH"]} |
        .workload.client_command[0] = "bash" | '"$1"
}

@test "programs of any kind use the one that is asked for" {
    watched_experiment '.tcp.congestion_control = "reno"'
    run_apart "$LABCTL" run --quiet x.json
    assert_status 0
    grep -qw reno "$(run_dir x)/trials/001/logs/h1.exec_client.log"
    assert_json '.tcp.congestion_control == "reno"' "$(run_dir x)/experiment.json"
}

@test "by default it does not depend on the machine" {
    watched_experiment '.'
    run_apart "$LABCTL" run --quiet x.json
    assert_status 0
    grep -qw cubic "$(run_dir x)/trials/001/logs/h1.exec_client.log"
}

@test "one that the kernel lacks: status 3, and those it has are named" {
    experiment x '.topology.hosts = 1 | .tcp.congestion_control = "no-such"'
    run_apart "$LABCTL" run --quiet x.json
    assert_status 3
    assert_text 'no TCP congestion control "no-such" (/tcp/congestion_control); it has: ' stderr
    grep -q "it has: .*reno" stderr
    [ -z "$(ls output/x 2>/dev/null)" ]
}

@test "a route that says otherwise ends the run" {
    false_tool ip 's/default via\(.*\) congctl cubic/default via\1 congctl reno/'
    experiment x '.topology.hosts = 1'
    run_apart "$LABCTL" run --quiet x.json
    assert_status 3
    assert_text "expected a route with the congestion control cubic, found reno" stderr
}
