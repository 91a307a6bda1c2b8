# labctl check.

load common

@test "every shipped experiment is valid" {
    for file in "$SOURCE_DIR"/experiments/*[!a].json; do
        case $file in *.schema.json) continue ;; esac
        run_apart "$LABCTL" check "$file"
        assert_status 0
        [ ! -s stderr ]
    done
}

@test "the plan shows addresses, links, commands and the bound" {
    run_apart "$LABCTL" check "$SOURCE_DIR/experiments/p2p6-uplink.json"
    assert_status 0
    assert_text "192.168.70.1" stdout
    assert_text "192.168.10.254" stdout
    assert_text "100 Mbit/s" stdout
    assert_text "p2p_peer --node h6" stdout
    assert_text "Bound: 4.182 s with headers, 4 s without; set by the server's uplink." stdout
}

@test "a thousand hosts are planned" {
    experiment many '.topology.hosts = 1000'
    run_apart "$LABCTL" check many.json
    assert_status 0
    assert_text "h1000     10.3.232.1" stdout
}

@test "all mistakes of all files are told at once, each with its line and pointer" {
    printf '{\n"name": "a",\n"topology": {"hosts": 0},\n"workload": {"modle": "cs"}\n}\n' >a.json
    printf '{' >b.json
    run_apart "$LABCTL" check a.json b.json missing.json
    assert_status 2
    assert_text "a.json:3: /topology/hosts: expected a whole number from 1 to 10000" stderr
    assert_text 'a.json:4: /workload/modle: unknown key; did you mean "model"?' stderr
    assert_text 'a.json:4: /workload: "file" is missing' stderr
    assert_text "b.json:1:2: not valid JSON: the text ends too early" stderr
    assert_text "missing.json: No such file" stderr
}

@test "a file to be shared must be there, and may be anywhere" {
    experiment x '.workload.file = {path: "sub/data"}'
    run_apart "$LABCTL" check x.json
    assert_status 2
    assert_text "/workload/file/path: cannot read" stderr
    mkdir sub
    echo data >sub/data
    run_apart sh -c "cd / && '$LABCTL' check '$work/x.json'"
    assert_status 0
    assert_text "5 B to 6 clients" stdout
}

@test "commands of the user's are shown as one would type them to a shell" {
    experiment x 'del(.workload.block_size) | .workload += {model: "exec", output: false,
        server_command: ["sleep", "60"],
        client_command: ["sh", "-c", "echo $0 \"it'"'"'s\"", "", "a b", "{host_ip}", "*", "--x=1,2:/y"]}'
    run_apart "$LABCTL" check x.json
    assert_status 0
    grep -E "^  h1 .* -- " stdout | sed 's/.* -- //' >words
    assert_text "sh -c 'echo \$0 \"it'\\''s\"' '' 'a b' {host_ip} '*' --x=1,2:/y" words
    [ "$(eval "printf '[%s]' $(cat words)")" = \
        "[sh][-c][echo \$0 \"it's\"][][a b][{host_ip}][*][--x=1,2:/y]" ]
}

@test "check needs no rights: it works in an empty environment as nobody" {
    [ "$(id -u)" -eq 0 ] || skip "needs root to become nobody"
    experiment x
    chmod -R a+rX .
    cp "$LABCTL" labctl-copy || skip
    chmod a+rx labctl-copy
    run_apart setpriv --reuid=65534 --regid=65534 --clear-groups env -i ./labctl-copy check x.json
    assert_status 0
}
