# Room for what is to be received is set aside before the start.

load common

@test "a client that has no room for the file says so before it begins" {
    [ -e /dev/full ] && df /dev/shm >/dev/null 2>&1 || skip "no tmpfs"
    experiment x '.topology.hosts = 1 | .workload.file.size = "3MB"'
    unshare -Urm true 2>/dev/null || skip "no namespaces"
    status=0
    unshare -Urm sh -c 'mkdir small && mount -t tmpfs -o size=4m none small &&
        "$LABCTL" run --quiet --json -o small x.json >stdout 2>stderr' || status=$?
    assert_status 1
    assert_json '.trials[0].hosts[0].error.code == "io"
        and (.trials[0].hosts[0].error.message | contains("no room for the 3000000 bytes"))' stdout
    assert_json '.trials[0].hosts[0].start_s == null' stdout
}

@test "a received file is no longer than it should be, nor holds more room" {
    experiment x '.topology.hosts = 2 | .workload.file.size = "3MB" | .workload.framing = "length"'
    run_apart "$LABCTL" run --quiet x.json
    assert_status 0
    file=$(run_dir x)/trials/001/recv/h2/file.bin
    [ "$(stat -c %s "$file")" -eq 3000000 ]
    [ "$(du -k "$file" | cut -f1)" -le 3100 ]
}
