# What programs of a run cannot do: write where they should not, reach out of their network,
# live on after their trial, borrow what others may. As the user who runs the tests, and as an
# ordinary one.

load commands

@test "nothing can be written but the trial's folders, /tmp and what is named" {
    mkdir -m 777 named other
    commands x 'for path in / /usr /etc /var/tmp /run /dev /proc/sys/net/ipv4 '"$PWD/other"' ../../../..; do
            if touch $path/intruder; then echo wrote $path; fi
        done
        touch /tmp/one /dev/shm/two '"$PWD/named/three"' four && echo wrote the rest
        echo 1 >/proc/sys/net/ipv4/ip_forward && echo wrote a setting' '.writable = ["named"]'
    run_as_anyone x.json
    assert_status 0
    client_log x >log
    assert_text "wrote the rest" log
    [ "$(grep -c '^wrote' log)" -eq 1 ] || { cat log; false; }
    [ -e named/three ] && [ ! -e other/intruder ] && [ ! -e /tmp/one ] && [ ! -e /dev/shm/two ]
    assert_json ".writable == [\"$PWD/named\"]" results/x/*/experiment.json
}

@test "the same for root, whom permissions do not stop" {
    [ "$(id -u)" -eq 0 ] || skip "not root"
    commands x 'for path in / /usr /run /dev /proc/sys/kernel /sys /sys/kernel; do
            if touch $path/intruder; then echo wrote $path; fi
        done
        cat /proc/sys/kernel/core_pattern >/proc/sys/kernel/core_pattern && echo wrote a setting
        mount -o remount,rw / && echo wrote the mount
        unshare -Urm mount -o remount,rw / && echo wrote the mount from a namespace
        ls /dev'
    run_apart "$LABCTL" run -q -o results x.json
    assert_status 0
    client_log x >log
    [ "$(grep -c '^wrote' log)" -eq 0 ]
    assert_text "null" log
    ! grep -qE '^(sd|vd|nvme|mem|kmsg|loop)' log
}

@test "programs have no privileges and cannot get any" {
    commands x 'grep -E "^(Cap...|NoNewPrivs)" /proc/self/status; ip link set h1-eth0 down; tc qdisc del dev h1-eth0 root'
    run_as_anyone x.json
    assert_status 0
    client_log x >log
    [ "$(grep -cE '^Cap.*0000000000000000$' log)" -eq 5 ]
    grep -qE 'NoNewPrivs:\s1' log
    [ "$(grep -c 'Operation not permitted' log)" -ge 2 ]
}

@test "ports below 1024 and ping need no privilege" {
    ping -V >/dev/null || skip "no ping"
    commands x 'ping -c1 -W2 {server_ip}' '.workload += {port: 80, ready: {tcp: 80},
        server_command: ["python3", "-m", "http.server", "{port}"]}'
    run_as_anyone x.json
    assert_status 0
    assert_text "1 received" <(client_log x)
}

# What listens on the host, by TCP and by a socket without a path, until somebody comes.
LISTENER='
import os, socket
inet, abstract = socket.create_server(("0.0.0.0", 5999)), socket.socket(socket.AF_UNIX)
abstract.bind("\0labctl-test"); abstract.listen()
open("listening", "w").close()
inet.settimeout(60)
inet.accept(); open("seen", "w").write("somebody came")
'

# In a network namespace that stands for the host, so that whatever does get out goes nowhere.
on_the_host() {
    PATH=$PATH:/usr/sbin:/sbin
    ip link add host0 type dummy && ip address add 192.0.2.2/24 dev host0
    ip link set host0 up && ip link set lo up
    ip -o link >interfaces.before
    python3 -c "$LISTENER" 3>&- &
    local listener=$! runner to
    until_true 10 test -e listening
    "$LABCTL" run --quiet --output results x.json &
    runner=$!
    # From outside, meanwhile: what listens, which interfaces there are, and no way to a node.
    until_true 30 grep -qs looked results/x/*/trials/001/logs/h1.exec_client.log
    ss -Htuln >listeners
    ip -o link >interfaces
    for to in 192.168.10.1 192.168.10.254; do
        if timeout 1 bash -c "</dev/tcp/$to/5001"; then echo "$to" >>reached; fi
    done
    wait $runner && kill $listener
}

@test "nothing in a run reaches the host, and nobody on the host a run" {
    unshare -Urn true 2>/dev/null || skip "no namespaces here"
    # From inside: the host's addresses, its sockets without a path, the world; not even a route.
    commands x 'for to in 127.0.0.1 192.0.2.2 192.0.2.1; do
            timeout 2 bash -c "</dev/tcp/$to/5999" && echo reached $to; done
        python3 -c "import socket; s = socket.socket(socket.AF_UNIX); s.connect(\"\\0labctl-test\"); print(\"reached abstract\")"
        ls /run /tmp/.X11-unix; ip -o link; echo looked; sleep 2'
    export -f on_the_host until_true
    export LISTENER
    run_apart unshare -Urn bash -c on_the_host
    assert_status 0
    assert_json '.status == "ok"' results/x/*/results.json
    [ ! -e reached ] && [ ! -e seen ]
    [ "$(grep -vc ':5999 ' listeners)" -eq 0 ] || { cat listeners; false; }
    cmp interfaces.before interfaces
    client_log x >log
    assert_no_line '^reached' log
    [ "$(grep -c 'link/' log)" -eq 2 ]
}

@test "what a command leaves behind ends with its trial, whatever session it is in" {
    commands x 'pgrep -fx "sleep 10[0-9][0-9]" && echo found one
        setsid -f sleep 1001; (setsid setsid -f sleep 1002 &); sleep 0.1' '.trials = 2 | .workload.start = "sequential"'
    run_as_anyone x.json
    assert_status 0
    assert_no_line found results/x/*/trials/002/logs/h1.exec_client.log
    until_true 5 none_marked
}

@test "a path to be written that is not there is told before anything is made" {
    commands x true '.writable = ["nowhere"]'
    run_apart "$LABCTL" run x.json
    assert_status 2
    assert_text "/writable/0: cannot write $PWD/nowhere: No such file or directory" stderr
    [ ! -e output ]
}

@test "where mounts are locked, with flags of their own" {
    commands x 'touch /tmp/one; grep -c . /proc/self/mountinfo'
    share
    mkdir locked
    run_apart unshare -Urm sh -c "mount -t tmpfs -o nosuid,nodev,noexec tmpfs locked &&
        exec unshare -Um --map-root-user build/labctl run -q -o results x.json"
    grep -q 'mount:' stderr && skip "no mount here"
    assert_status 0
}

@test "a socket with a name is out of reach, but for one that is named to be used" {
    share
    mkdir named
    # Outside: one beside the experiment, one in a folder that may be written, one that has no name
    # any more when the run begins.
    python3 - named/s s vanished 3>&- <<'END' &
import os, socket, sys, time
held = [socket.socket(socket.AF_UNIX) for _ in sys.argv[1:]]
for s, path in zip(held, sys.argv[1:]):
    s.bind(os.path.abspath(path)); s.listen(); os.chmod(path, 0o777)
os.unlink(sys.argv[3])
open("listening", "w").close()
time.sleep(60)
END
    listener=$!
    until_true 10 test -e listening
    chmod a+rx . && chmod a+rwx named
    commands x 'for name in s named/s; do
            python3 -c "import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])" '"$PWD"'/$name && echo reached $name
        done' '.writable = ["named"]'
    run_as_anyone x.json
    kill "$listener"
    assert_status 0
    [ "$(client_log x | grep '^reached')" = "reached named/s" ] || { client_log x; false; }
    assert_text "Connection refused" <(client_log x)
}

# Type into every terminal that can be had, whether it is one's own or must be made that first: a
# shell there would do as it is told, with all that a shell of a node may do.
TYPIST='
import fcntl, glob, os, signal, sys, termios, time
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
for path in ["/dev/tty", *glob.glob("/dev/pts/*")]:
    if os.fork() == 0:
        try:
            if path != "/dev/tty":
                os.setsid()
            terminal = os.open(path, os.O_RDWR | os.O_NOCTTY)
            if path != "/dev/tty":
                fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
            for byte in b" touch /tmp/typed\n":
                fcntl.ioctl(terminal, termios.TIOCSTI, bytes([byte]))
            print("typed into", path, flush=True)
        except OSError as error:
            print("refused:", path, error, flush=True)
        os._exit(0)
    os.wait()
time.sleep(1)
if os.path.exists("/tmp/typed"):
    print("a shell obeyed")
'

@test "a program cannot type into the shell of its node, and has terminals of its own" {
    export TYPIST
    commands x 'python3 -c "$TYPIST"; script -qec "tty; echo on a terminal" /dev/null' '.workload.env = {TYPIST: (env.TYPIST | gsub("(?<b>[{}])"; "\(.b)\(.b)"))}'
    run_as_anyone x.json
    assert_status 0
    client_log x >log
    assert_text "refused: /dev/tty" log
    assert_text "on a terminal" log
    assert_no_line 'typed into|obeyed' log
    "$LABCTL" run --quiet --output own x.json
    assert_no_line 'typed into|obeyed' own/x/*/trials/001/logs/*.log
}

@test "of a run's trials a program sees its own files alone: no logs, gates or other trials" {
    commands x 'cd {work_dir}/../../..
        find . | sort
        touch 002 001/logs 001/recv/h9 && echo laid a trap
        for process in /proc/[0-9]*; do
            for way in cwd/logs cwd/../002 root$(pwd -P)/001/logs; do
                ls -d $process/$way 2>/dev/null
            done
            if [ $(readlink $process/fd/1 | grep -c jsonl) != 0 ]; then echo found a log; fi
        done
        unshare -Urm umount . && echo uncovered' '.trials = 2'
    run_as_anyone x.json
    assert_status 0
    assert_no_line '^(laid|found|uncovered|/proc)|^\./.*(logs|gates)' results/x/*/trials/00?/logs/h?.exec_client.log
    for trial in 1 2; do
        mkdir -p expected$trial/00$trial/{recv,work/r1}
        grep -vE '^\./00./(work|recv)/h[12]|: ' results/x/*/trials/00$trial/logs/h1.exec_client.log >seen
        diff seen <(cd expected$trial && find . | sort)
    done
}

@test "no way to the machine below that no network namespace is asked about" {
    commands x 'python3 -c "import socket; socket.socket(40, socket.SOCK_STREAM); print(\"reached\")"'
    run_as_anyone x.json
    assert_status 0
    client_log x >log
    assert_no_line reached log
    assert_text "Address family not supported" log
}
