#!/usr/bin/env bats
# Hostile names and texts in what is run and reported: no shell, path or plotter is surprised.

load common

HOSTILE=$'a\'b"c`touch pwned1`$(touch pwned2);touch pwned3|&<>*?[]{}!#%s%n\\ \u202eé'

# Everything below this folder but what is in the run directories of experiment $1, and no sign
# of a command that ran.
assert_nothing_else() { # NAME EXPECTED...
    local name=$1
    shift
    find . -name 'pwned*' | grep . && return 1
    [ ! -e /tmp/pwned ]
    printf '%s\n' . "$@" stdout stderr jq.out | sort -u >expected
    find . -path "./output/$name/*" -prune -o -print | sed 's|^\./||' | sort -u >found
    [ -z "$(comm -13 expected found | grep -vx -e expected -e found)" ] || {
        comm -13 expected found >&2
        return 1
    }
}

@test "a hostile title, file and folder: run and report" {
    mkdir "$HOSTILE"
    cd "$HOSTILE"
    head -c 100000 /dev/urandom >"$HOSTILE.bin"
    text=$HOSTILE
    export text
    for model in cs p2p; do
        experiment "x" '.topology.hosts = 2 | .title = env.text | .topology.link = {up: "50Mbit", down: "50Mbit"}
            | .workload.file = {path: (env.text + ".bin")} | .workload.model = "'$model'"'
        run_apart "$LABCTL" run x.json
        assert_status 0
    done
    assert_json '.status == "ok" and .title == env.text' output/x/*/results.json
    run_apart "$LABCTL" report output
    [ "$status" -eq 0 ] || [ "$status" -eq 3 ] # 3: no gnuplot here
    assert_nothing_else x x.json "$HOSTILE.bin" output output/x \
        $(find output/report 2>/dev/null)
}

@test "hostile words, variables and a text to wait for" {
    text=$HOSTILE
    export text
    experiment x '.topology.hosts = 2 | del(.workload.block_size) | .title = env.text
        | (env.text | gsub("(?<b>[{}])"; "\(.b)\(.b)")) as $word
        | .workload += {model: "exec", env: {WHAT: $word},
            server_command: ["sh", "-c", "printf \"%s\\n\" \"$1\"; exec sleep 60", "sh", $word],
            ready: {log: env.text},
            client_command: ["sh", "-c", "printf \"[%s]\" \"$@\" \"$WHAT\"; cp {file} {output}", "sh",
                $word, "../../../../../../tmp/pwned", "-n", "--", "\n", ""]}'
    run_apart "$LABCTL" run x.json
    assert_status 0
    assert_text "[$HOSTILE][../../../../../../tmp/pwned][-n][--][" \
        "$(run_dir x)/trials/001/logs/h2.exec_client.log"
    assert_text "][][$HOSTILE]" "$(run_dir x)/trials/001/logs/h2.exec_client.log"
    assert_nothing_else x x.json output output/x
}

@test "names that lead elsewhere are refused, and nothing is made" {
    text='../../x'
    export text
    for place in .name .topology.router '.topology.hosts[0]' .workload.server; do
        experiment x '.topology.hosts = ["h1", "h2"] | '"$place"' = env.text'
        run_apart "$LABCTL" run x.json
        assert_status 2
        assert_text '../../x' stderr
        [ ! -e output ]
    done
}

@test "a file of a hundred megabytes, one without end and one that is none" {
    { echo '{"name": "x", "title": "'; head -c 100000000 /dev/zero | tr '\0' a; echo '"}'; } >big.json
    ln -s /dev/zero zero.json
    mkfifo pipe.json
    mkdir folder.json
    for file in big zero pipe folder; do
        run_apart "$LABCTL" check $file.json
        assert_status 2
        assert_text "cannot read $file.json: " stderr
    done
    run_apart "$LABCTL" check big.json
    assert_text "100000028 bytes, at most 4194304 are read" stderr
}
