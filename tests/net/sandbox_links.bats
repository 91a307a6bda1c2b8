# Links are what the file says, or the run is refused: tc is made to do something else.

load common

shaped_experiment() {
    experiment x '.topology = {hosts: 2, link: {up: "100Mbit", down: "50Mbit", queue: "250kB"}}'
}

# The run is refused for the reason given, and leaves no run directory.
assert_refused() {
    run_apart "$LABCTL" run --quiet x.json
    assert_status 3
    assert_text "$1" stderr
    [ -z "$(ls output/x 2>/dev/null)" ]
}

@test "what is planned is what is built" {
    shaped_experiment
    run_apart "$LABCTL" run --quiet x.json
    assert_status 0
}

@test "another rate" {
    false_tool tc 's/dev h2-eth0\(.*\) rate [0-9]*bit/dev h2-eth0\1 rate 99000000bit/'
    shaped_experiment
    assert_refused "interface h2-eth0 is not as planned: expected a rate of 100000000 bit/s, found 99000000"
}

@test "another queue" {
    false_tool tc 's/dev r1-eth1\(.*\) limit [0-9]*/dev r1-eth1\1 limit 125000/'
    shaped_experiment
    assert_refused "interface r1-eth1 is not as planned: expected a queue of 250000 bytes, found 125000"
}

@test "no shaper at all" {
    false_tool tc '/dev r1-eth0/d'
    shaped_experiment
    assert_refused "interface r1-eth0 is not as planned: expected queueing discipline tbf, found noqueue"
}

@test "tc fails: its words are told" {
    false_tool tc 's/burst [0-9]*/burst none/'
    shaped_experiment
    assert_refused "tc failed"
    grep -qi 'burst' stderr
}

@test "delay without netem in the kernel is refused by name" {
    experiment x '.topology = {hosts: 2, link: {delay: "10ms"}}'
    run_apart "$LABCTL" run --quiet x.json
    [ "$status" -ne 0 ] || skip "this kernel has netem"
    assert_status 3
    assert_text "CONFIG_NET_SCH_NETEM" stderr
}
