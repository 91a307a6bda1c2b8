# Anyone can run experiments, any number at once.

load common
load users

@test "an ordinary user, without a home and without /usr/sbin in PATH" {
    experiment x '.workload.model = "p2p"'
    share
    run_apart as_anyone build/labctl run --quiet --output results x.json
    assert_status 0
    assert_json '.status == "ok" and (.trials[0].hosts | all(.verified))' results/x/*/results.json
}

@test "an ordinary user's files belong to that user" {
    [ "$(id -u)" -eq 0 ] || skip "not root"
    experiment x '.topology.hosts = 2'
    share
    run_apart as_anyone build/labctl run --quiet --output results x.json
    assert_status 0
    [ -z "$(find results/x ! -user $ANYONE)" ]
}

@test "no file is written outside the run directory" {
    experiment x '.topology.hosts = 2'
    share
    touch before
    run_apart as_anyone build/labctl run --quiet --output results x.json
    assert_status 0
    find / -xdev \( -path "$PWD/results" -o -path "$PWD/std*" -o -path "${PWD%.*}.*" -o -path /proc -o -path /sys \) -prune \
        -o -newer before -type f -user "$(stat -c %u results/x)" -print 2>/dev/null |
        grep -v "^$PWD" >written || true
    [ "$(id -u)" -ne 0 ] || [ ! -s written ]
}

@test "two runs of one file at the same time" {
    experiment x '.topology.link = {up: "20Mbit", down: "20Mbit"} | .trials = 2'
    "$LABCTL" run --quiet x.json >first 2>&1 &
    first=$!
    run_apart "$LABCTL" run --quiet x.json
    assert_status 0
    wait $first
    [ "$(ls output/x | wc -l)" -eq 2 ]
    [ "$(jq -r .status output/x/*/results.json | sort -u)" = ok ]
}

@test "thirty hosts" {
    experiment x '.topology.hosts = 30 | .workload.model = "p2p"'
    run_apart "$LABCTL" run --quiet x.json
    assert_status 0
    assert_json '.trials[0].hosts | length == 30 and all(.verified)' output/x/*/results.json
}

@test "where user namespaces are forbidden: status 3, the reason and the mend" {
    [ "$(id -u)" -eq 0 ] || skip "only root can forbid them"
    share
    experiment x '.topology.hosts = 2'
    # The number of namespaces below one can be limited from inside it, by its root; an
    # ordinary user in it is needed to run into that.
    unshare --user bash -c '
        until [ "$(id -u):$(id -g)" = 0:0 ]; do sleep 0.01; done
        exec sh -c "echo 0 >/proc/sys/user/max_user_namespaces
            exec setpriv --reuid=$ANYONE --regid=$ANYONE --clear-groups \
            build/labctl run --quiet --output results x.json"' >stdout 2>stderr &
    for map in uid_map gid_map; do
        until_true 5 eval "echo 0 0 65536 >/proc/$!/$map"
    done
    status=0
    wait $! || status=$?
    assert_status 3
    assert_text "user.max_user_namespaces is 0" stderr
}
