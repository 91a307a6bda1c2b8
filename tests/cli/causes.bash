# Making the conditions of a run bad while it goes on, and what the verdict says of them.

load common

# --- a run in the background -----------------------------------------------------

# Start `labctl run` of NAME.json; finish waits for it.
begin() {
    "$LABCTL" run "$1.json" >stdout 2>stderr 3>&- &
    run_pid=$!
}

finish() {
    status=0
    wait "$run_pid" || status=$?
}

# soon COMMAND...: until it succeeds, or the run or our patience is over.
soon() {
    local deadline=$((SECONDS + 20))
    until "$@"; do
        if [ $SECONDS -ge $deadline ] || ! kill -0 "$run_pid" 2>/dev/null; then
            echo "waited in vain for: $*" >&2
            cat stdout stderr >&2
            return 1
        fi
        sleep 0.02
    done
}

# The folder with the logs of the first trial, while it runs and after.
logs() {
    echo output/"$1"/*/trials/001/logs
}

# The trial of NAME is timed: the first samples are written.
timed() {
    grep -qs '"event":"program"' "$(logs "$1")/labctl.jsonl"
}

# said NAME LOG EVENT
said() {
    grep -qs "\"event\":\"$3\"" "$(logs "$1")/$2.jsonl"
}

# --- inside of a run -------------------------------------------------------------

# Few processes of its own: on a busy machine each costs time that the run does not wait for.
descendants() {
    local child children
    read -r -a children 2>/dev/null <"/proc/$1/task/$1/children" || true
    for child in "${children[@]}"; do
        echo "$child"
        descendants "$child"
    done
}

# The process of the run that is the program of a node.
node_pid() {
    local pid words
    for pid in $(descendants "$run_pid"); do
        mapfile -d '' words <"/proc/$pid/cmdline" || continue
        [[ ${words[0]} == */nodes/* && ${words[*]:1:2} == "--node $1" ]] || continue
        echo "$pid"
        return
    done 2>/dev/null
    return 1
}

# within PID NAMESPACE COMMAND...: in a namespace (n: network, m: mount) of a process, with what
# rights its user namespace gives where that is not our own.
within() {
    local pid=$1 users=-U
    [ "$(readlink "/proc/$pid/ns/user")" != "$(readlink /proc/self/ns/user)" ] || users=
    nsenter --preserve-credentials ${users:+$users} "-$2" -t "$pid" -- "${@:3}"
}

# shape NODE INTERFACE RATE: shape otherwise than labctl did, behind its back. That is when programs
# are there, for then links were built and read back.
shape() {
    local pid
    pid=$(node_pid "$1") || return
    PATH=$PATH:/usr/sbin:/sbin within "$pid" n tc qdisc change dev "$2" root tbf rate "$3" burst 3027 limit 65536
}

# From now on the run reads what is piped in here in place of /proc/stat.
replace_stat() {
    within "$(descendants "$run_pid" | head -1)" m \
        sh -c 'cat >/tmp/stat && exec mount --bind /tmp/stat /proc/stat'
}

# lying_clock LIBRARY STATEMENT: a library that stands before the system's and changes what the
# clocks say. It is preloaded, with LYING in the environment.
LYING=("ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0")
lying_clock() {
    "${CC:-cc}" -shared -fPIC -o "$1" -x c - <<END
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *time)
{
    static int asked;
    int result = (int)syscall(SYS_clock_gettime, clock, time);
    $2
    (void)asked;
    return result;
}
END
}

# --- what becomes of it ----------------------------------------------------------

# assert_found NAME VERDICT CODE: the trial was found to be that for that reason, in results.json,
# in the table at the end (where a `valid` reason is called a note) and in the CSV file. Other
# reasons may stand beside it: machines are busy with other things too.
assert_found() {
    local results message word=$2
    [ "$2" != valid ] || word=note
    results=$(run_dir "$1")/results.json
    assert_json ".trials[0] as \$t | any(\$t.reasons[]; .verdict == \"$2\" and .code == \"$3\") and
        (\"$2\" == \"valid\" or \$t.verdict == \"$2\") and .summary[\$t.verdict] == 1" "$results"
    message=$(jq -r ".trials[0].reasons[] | select(.verdict == \"$2\" and .code == \"$3\").message" "$results")
    tr -s ' \n' ' ' <stdout | grep -qF -- "- $word: $message ($3)" || {
        echo "not told on the terminal: - $word: $message ($3)" >&2
        cat stdout >&2
        return 1
    }
    [ "$2" = valid ] || assert_text "verdict     $2" stdout
    "$LABCTL" report --format csv --output "report-$3" "$(run_dir "$1")" >/dev/null
    assert_text "$3: $message" "report-$3/runs.csv"
}

# The trial of NAME was not found to be anything for that reason.
assert_not_found() {
    assert_json ".trials | length == 1 and all(.[0].reasons[]; .code != \"$2\")" \
        "$(run_dir "$1")/results.json"
}

# Two hosts behind 8 Mbit/s and 1 MB each: a second and more.
shaped() {
    experiment "$1" '.topology.hosts = 2 | .topology.link = {up: "8Mbit", down: "8Mbit"} |
        .workload.file.size = "1MB" | '"${2:-.}"
}

# commands NAME WORDS [JQ_FILTER]: each client runs a command (JSON) that leaves no file.
commands() {
    experiment "$1" ".topology.hosts = 2 | del(.workload.block_size) | .workload += {model: \"exec\",
        output: false, server_command: [\"sleep\", \"60\"], client_command: $2} | ${3:-.}"
}
