# labctl shell: Mininet's prompt in the network of an experiment.

load common

@test "commands from a pipe run in the network of the file, and leave nothing" {
    experiment x '.topology += {hosts: 2, link: {up: "10Mbit", down: "20Mbit"}}'
    before=$(ip -o link | wc -l)
    # Mininet gives a command on a node what comes after it on standard input.
    for keys in 'net\nh1 ping -c1 -W5 h2\n' 'r1 tc qdisc\n'; do
        printf "$keys" >keys
        run_apart sh -c "'$LABCTL' shell x.json <keys"
        assert_status 0
        cat stdout stderr >>all
    done
    assert_text "h1 h1-eth0:r1-eth0" all
    assert_text "1 packets transmitted, 1 received" all
    grep -q 'r1-eth1 .* rate 20Mbit' all
    [ "$(ip -o link | wc -l)" -eq "$before" ]
    [ ! -e output ]
}

# Wait until the screen shows a text as often as $1 says.
shows() { # TIMES TEXT
    for _ in $(seq 400); do
        [ "$(grep -o -- "$2" screen | wc -l)" -lt "$1" ] || return 0
        sleep 0.05
    done
    cat screen >&2
    return 1
}

@test "on a terminal, Ctrl-C goes to the command and not to labctl" {
    experiment x '.topology.hosts = 1'
    mkfifo keys
    script -qec "'$LABCTL' shell x.json" typescript <keys >screen 2>&1 &
    pid=$!
    exec 9>keys
    shows 1 'mininet>'
    printf 'h1 echo begun; sleep 1000\n' >&9
    shows 2 begun # as it was typed, and as the command says it
    printf '\003' >&9
    shows 2 'mininet>'
    printf 'h1 echo still-$((40+2))\nexit\n' >&9
    exec 9>&-
    wait "$pid"
    assert_text "still-42" screen
}

@test "an invalid file is refused before anything is built" {
    echo '{}' >x.json
    run_apart "$LABCTL" shell x.json
    assert_status 2
    assert_text '"topology" is missing' stderr
}
