# Experiments whose clients are commands that try something.

load common
load users

# commands NAME CLIENT [FILTER]: two hosts; the client runs the shell text, then copies the file.
commands() {
    export TEXT="$2
cp {file} {output}"
    experiment "$1" '.topology.hosts = 2 | .workload.file.size = "100kB" | .timeout = "20s"
        | del(.workload.block_size) | .workload += {model: "exec",
            server_command: ["sh", "-c", "echo serving; exec sleep 60"], ready: {log: "serving"},
            client_command: ["bash", "-c", env.TEXT]} | '"${3:-.}"
}

client_log() {
    cat results/"$1"/*/trials/001/logs/h1.exec_client.log
}

# The run as an ordinary user.
run_as_anyone() {
    share
    run_apart as_anyone build/labctl run --quiet --output results "$@"
}
