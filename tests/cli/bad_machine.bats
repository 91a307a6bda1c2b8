# What is wrong with a machine is told in one clear line, with status 3 or 1, and leaves
# nothing behind. Each row of the table: what is wrong, how labctl is started, the status, what
# the line says.

load common
load ../net/users

# in_namespace SETUP: run the experiment where SETUP was done to the file system.
in_namespace() {
    run_apart unshare -Urm sh -c "set -e; $1
        exec '$LABCTL' run --quiet --output '${2:-output}' x.json"
    ! grep -qE '^(mount|unshare):' stderr || skip "no mount here"
}

# One line and no more (but for a sanitizer's), which says $2 (a pattern), and status $1.
assert_told() {
    assert_status "$1"
    [ "$(grep -vc '^==' stderr)" -eq 1 ] && grep -qiE "^labctl: .*($2)" stderr && return
    echo "expected one line that says: $2" >&2
    cat stderr >&2
    return 1
}

@test "what is wrong is told: the table" {
    experiment x '.topology.hosts = 2 | .workload.file.size = "3MB"'
    python_folder=$(python3 -c 'print("/usr/lib/python3/dist-packages")')
    mkdir small
    while IFS='|' read -r what status says setup output; do
        echo "row: $what" >&2
        in_namespace "$setup" "$output"
        assert_told "$status" "$says"
    done <<END
disk full while the file is made|1|No space left|mount -t tmpfs -o size=1m tmpfs small|small/out
no inode left|1|No space left|mount -t tmpfs -o nr_inodes=2 tmpfs small|small/out
output cannot be written|1|Read-only file system|mount -t tmpfs -o ro tmpfs small|small/out
output is a file|1|Not a directory|touch small/out|small/out/x
no Mininet|3|mininet|mount -t tmpfs tmpfs $python_folder|output
Mininet is broken|3|mininet|mount -t tmpfs tmpfs $python_folder; mkdir $python_folder/mininet; echo "1/0" >$python_folder/mininet/__init__.py|output
no /proc|3|/proc|mount -t tmpfs tmpfs /proc|output
too few descriptors|3|open files|ulimit -n 64|output
END
}

# clone3 and mount_setattr have these numbers on every architecture.
@test "a kernel without what the sandbox needs is told of, also by doctor" {
    experiment x '.topology.hosts = 2'
    for call in 435 442; do
        run_apart python3 "$SOURCE_DIR/tests/cli/without_call.py" $call "$LABCTL" run --quiet x.json
        assert_told 3 'kernel is older than 5.12'
        [ -z "$(find output -type f 2>/dev/null)" ]
        run_apart python3 "$SOURCE_DIR/tests/cli/without_call.py" $call "$LABCTL" doctor
        assert_status 3
        grep -q 'kernel is older than 5.12' stdout
    done
}

# Root is not bound by the limit. Where the user has other processes, or the kernel is old, they
# count too; LeakSanitizer needs a process of its own.
@test "too few processes are told of, also by doctor" {
    experiment x '.topology.hosts = 6'
    share
    export ASAN_OPTIONS=detect_leaks=0
    for most in 6 25; do
        run_apart as_anyone prlimit --nproc=$most build/labctl run --quiet --output results/out x.json
        assert_told 3 'processes.*ulimit'
    done
    run_apart as_anyone prlimit --nproc=6 build/labctl doctor
    assert_status 3
    grep -qE '^FAIL .*processes.*ulimit' stdout
}

@test "doctor finds beforehand what can be found: the table" {
    packages=/usr/lib/python3/dist-packages
    mkdir small
    # LeakSanitizer needs /proc, and has it from there that it is not wanted.
    no_leaks="mkdir /proc/self; printf 'ASAN_OPTIONS=detect_leaks=0\\0' >/proc/self/environ"
    while IFS='|' read -r what line setup; do
        echo "row: $what" >&2
        run_apart unshare -Urm sh -c "set -e; $setup; exec '$LABCTL' doctor"
        ! grep -qE '^(mount|unshare):' stderr || skip "no mount here"
        assert_status 3
        grep -qiE "^FAIL +$line" stdout || { cat stdout >&2; return 1; }
        assert_text "this machine cannot run experiments yet" stderr
    done <<END
no Mininet|network .*mininet|mount -t tmpfs tmpfs $packages
Mininet is broken|network .*mininet|mount -t tmpfs tmpfs $packages; mkdir $packages/mininet; echo "1/0" >$packages/mininet/__init__.py
no /proc|node programs .*/proc|mount -t tmpfs tmpfs /proc; $no_leaks
too few descriptors|network .*open files|ulimit -n 64
output cannot be written|output .*Read-only file system|mount -t tmpfs -o ro tmpfs small; cd small
output is a file|output .*no folder|mount -t tmpfs tmpfs small; cd small; touch output
disk full|output .*kB left|mount -t tmpfs -o size=500k tmpfs small; cd small
output on a full disk|output .*kB left|mount -t tmpfs tmpfs small; cd small; mkdir output; mount -t tmpfs -o size=500k tmpfs output
no inode left|output .*[0-9]+ inodes left|mount -t tmpfs -o nr_inodes=10 tmpfs small; cd small
END
}

# Root may write everywhere.
@test "doctor finds a folder that belongs to somebody else" {
    share
    run_apart as_anyone sh -c 'd=$PWD; cd / && exec "$d/build/labctl" doctor'
    assert_status 3
    grep -qE '^FAIL +output .*Permission denied' stdout
}

@test "doctor says when there is room for small runs only" {
    run_apart unshare -Urm sh -c "mount -t tmpfs -o size=20m tmpfs . && cd '$work' && exec '$LABCTL' doctor"
    ! grep -qE '^(mount|unshare):' stderr || skip "no mount here"
    assert_status 0
    grep -qE '^note +room .*2[01](\.[0-9]*)? MB left' stdout
    run_apart unshare -Urm sh -c "mount -t tmpfs -o nr_inodes=500 tmpfs . && cd '$work' && exec '$LABCTL' doctor"
    assert_status 0
    grep -qE '^note +room .*[0-9]+ inodes left' stdout
}

@test "a home that cannot be written, no home, odd umask, language and time zone change nothing" {
    experiment x '.topology.hosts = 2'
    for setting in "HOME=/proc" "HOME=/nonexistent" "LANG=tr_TR.UTF-8 LC_ALL=tr_TR" "TZ=Antarctica/Troll" "TZ=:/nonsense"; do
        run_apart env $setting "$LABCTL" run --quiet x.json
        assert_status 0
    done
    for mask in 0777 0277 0000 0077; do
        run_apart sh -c "umask $mask; exec '$LABCTL' run --quiet --output out$mask x.json"
        assert_status 0
    done
}

@test "twenty runs at once all end well" {
    experiment x '.topology.hosts = 1 | .workload.file.size = "10kB" | .timeout = "120s"'
    pids=
    for i in $(seq 20); do
        "$LABCTL" run --quiet x.json >"stdout$i" 2>"stderr$i" &
        pids="$pids $!"
    done
    for pid in $pids; do wait "$pid"; done
    [ "$(jq -r .status output/x/*/results.json | grep -c '^ok$')" -eq 20 ]
}
