# labctl run, from the command line to the run directory.

load common

@test "cs: six hosts, a table on stdout, a whole run directory" {
    experiment x
    run_apart "$LABCTL" run x.json
    assert_status 0
    [ "$(grep -cE '^h[1-6] .* yes$' stdout)" -eq 6 ]
    assert_text "run directory: output/x/" stdout
    dir=$(run_dir x)
    for file in experiment.json manifest.json results.json trials/001/logs/r1.cs_server.jsonl \
        trials/001/logs/h6.cs_client.exit trials/001/recv/h3/file.bin; do
        [ -e "$dir/$file" ]
    done
    [ "$(cat "$dir"/trials/001/logs/*.exit | sort -u)" = 0 ]
    [ "$(sha256sum "$dir"/trials/001/recv/*/file.bin | cut -c1-64 | sort -u)" = \
        "$(jq -r '.trials[0].file.sha256' "$dir/results.json")" ]
    assert_json '.status == "ok" and .trials[0].hosts[5].bytes == 300000
        and (.trials[0].hosts | all(.verified and .exit == 0 and .finish_s > 0))' "$dir/results.json"
    assert_json '.versions.mininet and .kernel.release and .finished and (.command[1] == "run")' \
        "$dir/manifest.json"
    [ ! -e "$dir/file.bin" ]
    [ ! -e "$dir/trials/001/gates" ]
}

@test "p2p: every block once from the server, every host verified" {
    experiment x '.workload.model = "p2p"'
    run_apart "$LABCTL" run x.json
    assert_status 0
    dir=$(run_dir x)
    assert_json '.status == "ok" and (.trials[0].hosts | length == 6 and all(.verified))' \
        "$dir/results.json"
    # Every host got each of the blocks that the file is cut into: of 16 KiB at most.
    blocks=$(jq 'select(.event == "length") | .blocks' "$dir/trials/001/logs/h1.p2p_peer.jsonl")
    [ "$blocks" -ge 19 ]
    [ "$(cat "$dir"/trials/001/logs/h*.jsonl | jq -r 'select(.event == "block") | .block' |
        sort -n | uniq -c | awk '$1 == 6' | wc -l)" -eq "$blocks" ]
}

@test "the server says who came, how long each took, and when it went" {
    experiment x '.topology.hosts = 2'
    run_apart "$LABCTL" run x.json
    assert_status 0
    log=$(run_dir x)/trials/001/logs/r1.cs_server.log
    grep -qE 'Accept new connection from 192\.168\.20\.1:[0-9]+' "$log"
    grep -qE '192\.168\.10\.1.* [0-9.]+ s' "$log"
    grep -qi 'clos' "$log"
}

@test "--json prints the results and nothing else" {
    experiment x '.topology.hosts = 2'
    run_apart "$LABCTL" run --json --quiet x.json
    assert_status 0
    [ ! -s stderr ]
    assert_json '.schema == "labctl.results/1" and .experiment == "x" and .model == "cs"' stdout
    cmp stdout "$(run_dir x)/results.json"
}

@test "sizes: empty, one byte, less than a block, a block, a byte more" {
    for model in cs p2p; do
        for size in 0 1 16383 16384 16385; do
            experiment "s$size" ".workload.model = \"$model\" | .workload.file.size = $size |
                .topology.hosts = 3"
            run_apart "$LABCTL" run -q -o "out-$model" "s$size.json"
            assert_status 0
            assert_json ".trials[0].hosts | length == 3 and all(.verified and .bytes == $size)" \
                "$(echo "out-$model/s$size"/*/results.json)"
        done
    done
}

@test "the generated file is the same for the same seed, and another for another" {
    for seed in 7 7 8; do
        experiment x ".workload.file.seed = $seed | .topology.hosts = 1"
        "$LABCTL" run -q x.json
    done
    [ "$(jq -r '.trials[0].file.sha256' output/x/*/results.json | sort -u | wc -l)" -eq 2 ]
}

@test "a given file, a host as the server, some hosts as clients" {
    seq 1 50000 >data
    experiment x '.workload += {model: "p2p", server: "h4", clients: ["h2", "h6"],
        file: {path: "data"}}'
    run_apart "$LABCTL" run x.json
    assert_status 0
    dir=$(run_dir x)
    cmp data "$dir/trials/001/recv/h2/file.bin"
    cmp data "$dir/trials/001/recv/h6/file.bin"
    [ "$(ls "$dir/trials/001/recv")" = "h2
h6" ]
    assert_json '.trials[0].server == "h4"' "$dir/results.json"
}

@test "thirty hosts, both models" {
    for model in cs p2p; do
        experiment "$model" ".topology.hosts = 30 | .workload.model = \"$model\" |
            .workload.file.size = \"1MB\" | .timeout = \"60s\""
        run_apart "$LABCTL" run -q "$model.json"
        assert_status 0
        assert_json '.trials[0].hosts | length == 30 and all(.verified)' \
            "$(run_dir "$model")/results.json"
    done
}

@test "trials and warm-ups: each has its folder, the warm-ups do not count" {
    experiment x '.warmup = 1 | .topology.hosts = 2 | .keep_files = false'
    run_apart "$LABCTL" run --trials 3 x.json
    assert_status 0
    dir=$(run_dir x)
    [ "$(ls "$dir/trials" | tr '\n' ' ')" = "001 002 003 w01 " ]
    assert_json '(.trials | length == 3) and .summary.makespan_s.n == 3' "$dir/results.json"
    [ -z "$(find "$dir" -name file.bin)" ]
    [ "$(grep -cE '^ +[123]  ok(, suspect)? ' stdout)" -eq 3 ]
}

@test "sequential: each client begins when the one before is done" {
    experiment x '.workload.start = "sequential" | .topology.hosts = 3'
    run_apart "$LABCTL" run x.json
    assert_status 0
    assert_json '.trials[0].hosts | .[1].start_s >= .[0].finish_s and .[2].start_s >= .[1].finish_s' \
        "$(run_dir x)/results.json"
}

@test "sequential, peer to peer: the next peer begins when the one before has the file" {
    experiment x '.workload.start = "sequential" | .workload.model = "p2p" | .topology.hosts = 3'
    run_apart "$LABCTL" run x.json
    assert_status 0
    assert_json '.trials[0].hosts | .[1].start_s >= .[0].finish_s and .[2].start_s >= .[1].finish_s' \
        "$(run_dir x)/results.json"
}

@test "a hangup does not end a run that was started to survive it" {
    experiment x '.topology.link = {up: "10Mbit", down: "10Mbit"} | .workload.file.size = "4MB" | .topology.hosts = 2'
    (trap '' HUP; exec "$LABCTL" run -q x.json >stdout 2>stderr) &
    pid=$!
    for _ in $(seq 200); do
        grep -qs '"begin"' output/x/*/trials/001/logs/h1.cs_client.jsonl && break
        sleep 0.05
    done
    kill -HUP "$pid"
    wait "$pid"
    assert_json '.status == "ok"' "$(run_dir x)/results.json"
}

@test "a warm-up that fails is told by results that are computed again, too" {
    experiment x '.warmup = 1 | .topology.hosts = 2 |
        .workload.client_options = {h1: {framing: "naive"}} |
        .topology.link = {up: "10Mbit", down: "10Mbit"}'
    "$LABCTL" run -q x.json >/dev/null || true
    dir=$(run_dir x)
    jq .status "$dir/results.json" >before
    rm "$dir/results.json" && "$LABCTL" report output/ >/dev/null
    [ "$(cat before)" = '"failed"' ]
    grep -q ',failed,' output/report/runs.csv
}

@test "stagger: each client begins a step after the one before" {
    experiment x '.workload.start = {stagger: "50ms"} | .topology.hosts = 3'
    run_apart "$LABCTL" run x.json
    assert_status 0
    # The instants that they were told, and none began earlier.
    logs=$(run_dir x)/trials/001/logs
    [ "$(jq -s '[.[] | select(.event == "gate") | .planned] | [.[1] - .[0], .[2] - .[1]] | unique[]' \
        "$logs/labctl.jsonl")" -eq 50000000 ]
    cat "$logs"/h*.cs_client.jsonl | jq -se '[.[] | select(.event == "begin") | .t >= .planned] | all'
}

@test "shaped links: the bound is there, with what binds" {
    experiment x '.topology.link = {up: "20Mbit", down: "20Mbit"} | .workload.server = "h1"'
    run_apart "$LABCTL" run x.json
    assert_status 0
    assert_text "server's uplink" stdout
    assert_json '.trials[0].bound.binding == "server-uplink" and .trials[0].efficiency > 0.5' \
        "$(run_dir x)/results.json"
}

@test "the short read: that host is truncated, the others are well, status 1" {
    run_apart "$LABCTL" run "$SOURCE_DIR/experiments/cs6-short-read.json"
    assert_status 1
    assert_text "truncated" stdout
    assert_json '.status == "failed" and (.trials[0].hosts |
        (.[2].status == "failed" and .[2].error.code == "truncated" and .[2].bytes < 155700)
        and ([.[] | select(.status == "ok")] | length == 5))' "$(run_dir cs6-short-read)/results.json"
}

@test "a timeout ends the run, names who had not finished, keeps what there is" {
    experiment x '.topology.link = {up: "1Mbit", down: "1Mbit"} | .workload.file.size = "50MB" |
        .timeout = "500ms"'
    run_apart "$LABCTL" run x.json
    assert_status 1
    assert_text "timeout" stdout
    assert_json '.status == "timeout" and .error.code == "timeout" and
        (.trials[0].hosts | all(.status == "timeout" or .status == "failed"))' \
        "$(run_dir x)/results.json"
}

@test "a file that is none is refused before anything is made" {
    experiment x '.workload.file = {path: "data"} | .topology.hosts = 2'
    mkfifo data
    run_apart "$LABCTL" run x.json
    assert_status 2
    assert_text "not a regular file" stderr
    [ ! -e output ]
}

@test "delay needs netem: refused with 3, and no run directory, where the kernel has none" {
    "$LABCTL" doctor | grep -q 'note  delay and loss' || skip "this kernel has netem"
    experiment x '.topology.link = {delay: "5ms"}'
    run_apart "$LABCTL" run x.json
    assert_status 3
    assert_text "netem" stderr
    [ -z "$(ls output/x)" ]
}

@test "Ctrl-C: status 130, results so far, no second one needed" {
    experiment x '.topology.link = {up: "1Mbit", down: "1Mbit"} | .workload.file.size = "50MB"'
    "$LABCTL" run x.json >stdout 2>stderr &
    pid=$!
    for _ in $(seq 200); do
        grep -qs '"begin"' output/x/*/trials/001/logs/h1.cs_client.jsonl && break
        sleep 0.05
    done
    kill -INT "$pid"
    status=0
    wait "$pid" || status=$?
    assert_status 130
    assert_json '.status == "interrupted" and .error.code == "interrupted"' "$(run_dir x)/results.json"
    [ ! -e "$(run_dir x)/file.bin" ]
}

@test "Ctrl-C while the network is built: status 130 and nothing goes on" {
    experiment x '.topology.hosts = 60'
    "$LABCTL" run x.json >stdout 2>stderr &
    pid=$!
    for _ in $(seq 2000); do
        grep -qs 'building the network' stderr && break
        sleep 0.01
    done
    kill -INT "$pid"
    status=0
    wait "$pid" || status=$?
    assert_status 130
    assert_json '.status == "interrupted"' "$(run_dir x)/results.json"
}

@test "two runs of one file at the same time both succeed" {
    experiment x '.topology.hosts = 3 | .workload.file.size = "20MB"'
    "$LABCTL" run -q x.json >one &
    first=$!
    "$LABCTL" run -q x.json >two
    wait "$first"
    [ "$(jq -r .status output/x/*/results.json | tr '\n' ' ')" = "ok ok " ]
}

@test "several files: all are read before the first is run, and all are run" {
    experiment a '.topology.hosts = 1'
    experiment b '.topology.hosts = 1'
    echo '{}' >bad.json
    run_apart "$LABCTL" run a.json bad.json
    assert_status 2
    [ ! -e output ]
    run_apart "$LABCTL" run a.json b.json
    assert_status 0
    [ -d output/a ] && [ -d output/b ]
}

@test "the record runs again, from anywhere" {
    echo data >data
    experiment x '.topology.hosts = 2 | .workload.file = {path: "data"}'
    "$LABCTL" run -q x.json >/dev/null
    mkdir elsewhere
    cp "$(run_dir x)/experiment.json" elsewhere/
    cd elsewhere
    run_apart "$LABCTL" run experiment.json
    assert_status 0
}

@test "an unwritable output folder is one clear line" {
    experiment x
    echo >file
    run_apart "$LABCTL" run -o file x.json
    assert_status 1
    assert_text "Not a directory" stderr
    [ "$(wc -l <stderr)" -eq 1 ]
}

@test "a full disk fails the run, names the host and ends promptly" {
    experiment x '.topology.hosts = 2 | .workload.file.size = "3MB"'
    mkdir small
    # A small disk that only this test's mount namespace sees.
    run_apart unshare -Urm sh -c "mount -t tmpfs -o size=8m tmpfs small && cd small &&
        '$LABCTL' run ../x.json; status=\$?; cp -r output ..; exit \$status"
    grep -q 'mount:' stderr && skip "no mount here"
    assert_status 1
    grep -q 'No space left' stdout stderr
}

@test "as nobody, from an installed copy, in a folder of one's own" {
    [ "$(id -u)" -eq 0 ] || skip "needs root to become nobody"
    cmake --install "$BUILD_DIR" --prefix "$work/installed" >/dev/null
    chmod a+rx "$work"
    mkdir home
    chown 65534:65534 home
    experiment x
    cd home
    run_apart setpriv --reuid=65534 --regid=65534 --clear-groups env HOME=/nonexistent \
        "$work/installed/bin/labctl" run ../x.json
    assert_status 0
    assert_json '.status == "ok"' "$(run_dir x)/results.json"
    [ "$(stat -c %u output/x)" = 65534 ]
}
