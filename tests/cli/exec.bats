# The model "exec": programs of the user's as server and clients.

load common

# exec_experiment NAME JQ_FILTER: three hosts; the server copies the file to where clients,
# which share its file system, find it. The filter changes that.
exec_experiment() {
    experiment "$1" '.topology.hosts = 3 | .workload.file.size = "100kB" | del(.workload.block_size)
        | .workload += {model: "exec",
            server_command: ["sh", "-c", "echo serving; exec sleep 60"],
            ready: {log: "serving"},
            client_command: ["cp", "{file}", "{output}"]} | '"$2"
}

@test "clients of the user's are started, timed and verified" {
    exec_experiment x .
    run_apart "$LABCTL" run x.json
    assert_status 0
    assert_json '.model == "exec" and (.trials[0].hosts |
        all(.verified and .exit == 0 and .bytes == 100000 and .finish_s > 0))' "$(run_dir x)/results.json"
}

@test "a real server and client over the network" {
    exec_experiment x '.workload += {
        server_command: ["python3", "-m", "http.server", "--directory", "../../../..", "{port}"],
        port: 8080, ready: {tcp: 8080},
        client_command: ["python3", "-c", "import sys, urllib.request as u; u.urlretrieve(sys.argv[1], sys.argv[2])",
            "http://{server_ip}:{port}/{file_name}", "{output}"]}'
    run_apart "$LABCTL" run x.json
    assert_status 0
    assert_text "GET /file.bin" "$(run_dir x)/trials/001/logs/r1.exec_server.log"
    run_apart "$LABCTL" report output/
    assert_status 0
}

@test "every placeholder, literal braces, the environment and the folder of one's own" {
    exec_experiment x '.workload += {env: {WHO: "{host}-{index}"}, client_command: ["sh", "-c",
        "echo {server_ip} {port} {host} {host_ip} {peers} {index} {file_name} {{x}} $WHO $(pwd) {work_dir}; cp {file} {output}"]}'
    run_apart "$LABCTL" run x.json
    assert_status 0
    log=$(run_dir x)/trials/001/logs/h2.exec_client.log
    assert_text "192.168.20.254 5001 h2 192.168.20.1 192.168.10.1,192.168.30.1 2 file.bin {x} h2-2 " "$log"
    [ "$(awk '$(NF - 1) == $NF' "$log" | wc -l)" -eq 1 ]
}

@test "words reach the program as they are: no shell touches them" {
    exec_experiment x '.workload.client_command = ["sh", "-c",
        "printf \"[%s]\" \"$@\"; cp {file} {output}", "sh", "a b", "$(touch pwned)", "'"'"'", "`id`", "\n", "*", ""]'
    run_apart "$LABCTL" run x.json
    assert_status 0
    assert_text "[a b][\$(touch pwned)]['][\`id\`][" "$(run_dir x)/trials/001/logs/h1.exec_client.log"
    assert_text "][*][]" "$(run_dir x)/trials/001/logs/h1.exec_client.log"
    [ -z "$(find . -name pwned)" ]
}

@test "a wrong file, a wrong exit and no file fail that host, with what it said" {
    exec_experiment x '.workload.client_command = ["sh", "-c",
        "case {host} in h1) echo rubbish >{output};; h2) echo oh dear >&2; cp {file} {output}; exit 3;; esac"]'
    run_apart "$LABCTL" run x.json
    assert_status 1
    assert_json '.trials[0].hosts | (.[0].error.code == "truncated")
        and (.[1].error.message | contains("status 3, expected 0")) and (.[2].status == "failed")' \
        "$(run_dir x)/results.json"
    grep -qF "oh dear" stdout stderr
}

@test "an exit status that is expected is no failure" {
    exec_experiment x '.workload += {expect_exit: 3,
        client_command: ["sh", "-c", "cp {file} {output}; exit 3"]}'
    run_apart "$LABCTL" run x.json
    assert_status 0
}

@test "clients that leave no file are timed, and not verified" {
    exec_experiment x '.workload += {output: false, client_command: ["true"]}'
    run_apart "$LABCTL" run x.json
    assert_status 0
    assert_text "no file" stdout
}

@test "a server that fails ends the run with what it said" {
    exec_experiment x '.workload += {server_command: ["sh", "-c", "echo no luck; exit 4"]}'
    run_apart "$LABCTL" run x.json
    assert_status 1
    grep -q "no luck" stdout stderr
    grep -q "status 4" stdout stderr
}

@test "a client that never ends is stopped at the timeout, with its children" {
    exec_experiment x '.timeout = "1s" | .workload.client_command = ["sh", "-c", "sleep 1000 & wait"]'
    run_apart "$LABCTL" run x.json
    assert_status 1
    assert_json '.status == "timeout"' "$(run_dir x)/results.json"
}

@test "a program that is not installed: exit 3 names it and its package" {
    exec_experiment x '.workload.needs = {"no-such-program": "some-package", sh: "dash"}'
    run_apart "$LABCTL" run x.json
    assert_status 3
    assert_text "not installed: no-such-program (Debian's package some-package)" stderr
    [ ! -e output ]
}

@test "a file that is not installed: exit 3 names it and its package" {
    exec_experiment x '.workload.needs = {"/usr/lib/no-such-library": "some-package", "/dev/null": "y"}'
    run_apart "$LABCTL" run x.json
    assert_status 3
    assert_text "not installed: /usr/lib/no-such-library (Debian's package some-package)" stderr
}

@test "a program beside the experiment file, and again by the record of the run" {
    printf '#!/bin/sh\ncp "$1" "$2"\n' >fetch
    chmod +x fetch
    exec_experiment x '.workload.client_command = ["{folder}/fetch", "{file}", "{output}"]'
    run_apart "$LABCTL" run --output out x.json
    assert_status 0
    run_apart "$LABCTL" run --output again out/*/*/experiment.json
    assert_status 0
}

@test "a command that cannot be typed into a shell is refused by check" {
    exec_experiment x '.workload.client_command = ["echo", "a\u0003b"]'
    run_apart "$LABCTL" check x.json
    assert_status 2
    assert_text "/workload/client_command/1: a control character (U+0003)" stderr
    exec_experiment y '.workload.client_command = ["echo", ("x" * 4000)]'
    run_apart "$LABCTL" check y.json
    assert_status 2
    assert_text "and at most 3000 can be handed to it" stderr
}

@test "an output that is no file does not hold the run up" {
    exec_experiment x '.workload.client_command = ["mkfifo", "{output}"]'
    run_apart "$LABCTL" run x.json
    assert_status 1
    assert_text "not a regular file" stdout
}

@test "mistakes in commands are told by check" {
    exec_experiment x '.workload.client_command = ["{otput}"]'
    run_apart "$LABCTL" check x.json
    assert_status 2
    assert_text "/workload/client_command/0: {otput} is no placeholder; there are {file}" stderr
    experiment y '.workload.server_command = ["x"]'
    run_apart "$LABCTL" check y.json
    assert_status 2
    assert_text '"server_command" is for the model "exec" alone' stderr
}
