# labctl report.

load common

# A client/server and a peer-to-peer run.
two_runs() {
    experiment cs '.topology.hosts = 2'
    experiment p2p '.topology.hosts = 2 | .workload.model = "p2p"'
    "$LABCTL" run -q cs.json p2p.json >/dev/null
}

@test "tables and plots of all runs, each plot with its script and data" {
    two_runs
    run_apart "$LABCTL" report output/
    assert_status 0
    assert_text "output/report: 2 runs, 2 trials" stdout
    ! grep damaged stderr
    [ "$(wc -l <output/report/runs.csv)" -eq 3 ]
    [ "$(wc -l <output/report/hosts.csv)" -eq 5 ]
    # One row a connection, and at least one a block and receiver.
    [ "$(grep -c ',connection,r1,' output/report/transfers.csv)" -eq 2 ]
    blocks=$(jq 'select(.event == "length") | .blocks' "$(run_dir p2p)"/trials/001/logs/h1.p2p_peer.jsonl)
    [ "$(grep ',block,[rh]' output/report/transfers.csv | cut -d, -f7,8 | sort -u | wc -l)" \
        -eq $((2 * blocks)) ]
    for png in output/report/plots/*.png; do
        base=${png%.png}
        [ "$(head -c 8 "$png" | od -An -tx1 | tr -d ' ')" = 89504e470d0a1a0a ]
        [ -s "$base.svg" ] && [ -s "$base.gp" ]
        rsvg-convert "$base.svg" >svg.png
    done
    [ "$(ls output/report/plots/*.png | wc -l)" -ge 3 ]
}

@test "a plot's script draws it again from its own folder" {
    two_runs
    "$LABCTL" report output/ >/dev/null
    cd output/report/plots
    set -- *.gp
    rm ./*.png
    gnuplot "$1"
    [ -s "${1%.gp}.png" ]
}

@test "a sweep over hosts has a plot of makespan against clients, beside the bound of every number" {
    experiment x '.title = "Growth" | .topology.link = {up: "20Mbit", down: "20Mbit"} |
        .topology.hosts = 2 | .workload.server = "h1" | .trials = 2 |
        .sweep = {"/topology/hosts": [5, 2], "/workload/model": ["cs", "p2p"]}'
    experiment y '.topology.hosts = 2 | .sweep = {"/workload/model": ["cs", "p2p"]}'
    "$LABCTL" run -q x.json y.json >/dev/null 2>&1
    run_apart "$LABCTL" report output/
    assert_status 0
    [ ! -e output/report/plots/scaling-y.gp ]
    assert_no_line scaling-y stderr
    cd output/report/plots
    [ -s scaling-x.svg ] && [ -s scaling-x.png ]
    assert_text "Growth" scaling-x.svg
    assert_text "lower bound, headers counted" scaling-x.svg
    # Blocks: measured and bound of client/server, then of peer to peer. The server sends the file
    # once for each client: 300 kB at 20 Mbit/s are 0.12 s, and 0.1255 s with headers.
    awk '/^[0-9]/ { print block, $1, $2 } /^$/ { blank++ } !/^$/ { if (blank > 1) block++; blank = 0 }' \
        block=0 scaling-x.dat >points
    [ "$(awk '$1 == 0 || $1 == 2 { printf "%s:%s ", $1, $2 }' points)" = "0:1 0:4 2:1 2:4 " ]
    [ "$(awk '$1 == 1 { printf "%s:%.4f ", $2, $3 }' points)" = \
        "1:0.1255 2:0.2509 3:0.3764 4:0.5019 " ]
    [ "$(awk '$1 == 3 { printf "%s ", $2 }' points)" = "1 2 3 4 " ]
    rm scaling-x.png
    gnuplot scaling-x.gp
    [ -s scaling-x.png ]
}

@test "a copy of a plot under a name of one's own stays, plots of runs that went do not" {
    two_runs
    "$LABCTL" report output/ >/dev/null
    cd output/report/plots
    for part in gp dat svg; do cp bytes-cs.$part bytes-cs-mine.$part; done
    cd ../../..
    rm -r output/p2p
    "$LABCTL" report output/ >/dev/null
    [ -e output/report/plots/bytes-cs-mine.gp ] && [ -e output/report/plots/bytes-cs-mine.svg ]
    [ -e output/report/plots/bytes-cs.gp ]
    [ -z "$(ls output/report/plots/*p2p*)" ]
}

@test "a results.json with another name is damaged: its name reaches no script" {
    two_runs
    jq '.experiment = "x\u0027; system(\u0027touch pwned\u0027); y=\u0027"' output/cs/*/results.json >hostile
    cp hostile output/cs/*/results.json
    grep -q pwned output/cs/*/results.json
    run_apart "$LABCTL" report output/
    assert_status 0
    assert_text "another experiment" stderr
    assert_text "1 run, 1 trial" stdout
    [ -z "$(find . -name pwned)" ]
}

@test "a results.json with other hosts than its record is damaged" {
    two_runs
    jq '.trials[0].hosts = []' output/cs/*/results.json >r && mv r output/cs/*/results.json
    run_apart "$LABCTL" report output/
    assert_status 0
    assert_text "results.json is of another experiment than its record" stderr
    assert_text "1 run, 1 trial" stdout
}

@test "results.json that was deleted is computed again, with the same figures" {
    two_runs
    "$LABCTL" report output/ >/dev/null
    cp -r output/report before
    rm output/*/*/results.json
    run_apart "$LABCTL" report output/
    assert_status 0
    for table in runs hosts transfers; do
        cmp "before/$table.csv" "output/report/$table.csv"
    done
}

@test "unfinished and damaged runs are named and passed over" {
    two_runs
    mv output/cs/* output/cs/20200101T000000Z.partial
    mkdir output/p2p/broken
    echo '{"schema": "labctl.results/1", "tri' >output/p2p/broken/results.json
    echo '{' >output/p2p/broken/experiment.json
    run_apart "$LABCTL" report output/
    assert_status 0
    assert_text "20200101T000000Z.partial" stderr
    assert_text "broken" stderr
    assert_text "1 run, 1 trial" stdout
}

@test "a log that is cut off after the run is named, and what is left of it is shown" {
    two_runs
    experiment own '.topology.hosts = 1 | .workload |= del(.block_size) | .workload += {model: "exec",
        output: false, server_command: ["sleep", "60"], client_command: ["true"]}'
    "$LABCTL" run -q own.json >/dev/null
    run_apart "$LABCTL" report output/
    ! grep damaged stderr
    truncate -s -5 "$(run_dir p2p)"/trials/001/logs/h1.p2p_peer.jsonl
    run_apart "$LABCTL" report output/
    assert_status 0
    assert_text "damaged: h1.p2p_peer.jsonl of trial 1: cut off in the middle of a line" stderr
    assert_text "3 runs, 3 trials" stdout
    grep -q 'passed_over":.*h1.p2p_peer.jsonl of trial 1' output/report/index.html
}

@test "--format chooses what is written, by a list or given several times; --latex adds a table" {
    two_runs
    run_apart "$LABCTL" report --format json -f html output/
    assert_status 0
    [ "$(ls output/report)" = "$(printf 'index.html\nreport.json')" ]
    assert_json '.schema == "labctl.report/1" and (.runs | length) == 2' output/report/report.json
    assert_json '.groups[0].answer | startswith("Peer to peer") or startswith("Client/server")' output/report/report.json
    rm -r output/report
    "$LABCTL" report -f csv,json --latex output/ >/dev/null
    for file in hosts.csv runs.csv transfers.csv report.json table.tex; do [ -s output/report/$file ]; done
    [ ! -e output/report/index.html ] && [ ! -e output/report/plots ]
    assert_text '\toprule' output/report/table.tex
    run_apart "$LABCTL" report -f csv,pdf output/
    assert_status 2
    assert_text "found 'pdf', expected csv, json, html or plots" stderr
}

@test "the page has what the logs tell, and nothing in it can be fetched" {
    two_runs
    "$LABCTL" report -f html output/ >/dev/null
    assert_text "Content-Security-Policy" output/report/index.html
    assert_text "default-src 'none'" output/report/index.html
    [ -z "$(grep -oE '(src|href)="[a-z]+:' output/report/index.html | grep -v data:)" ]
}

@test "nothing to report is an error that says so" {
    mkdir output
    run_apart "$LABCTL" report output/
    [ "$status" -ne 0 ]
    assert_text "output" stderr
    [ ! -e output/report ]
}
