# labctl report: links, connections and traffic.

load common

# report_of NAME: run NAME.json, and report it.
report_of() {
    run_apart "$LABCTL" run --quiet "$1.json"
    assert_status 0
    run_apart "$LABCTL" report output
    assert_status 0
}

# Sum of a column of a CSV file, of the rows in which another column is as said.
sum_where() {
    awk -F, -v sum="$1" -v where="$2" -v is="$3" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
        $at[where] == is { total += $at[sum] } END { printf "%d\n", total }' "$4"
}

@test "traffic without telemetry: what each client got adds up to the file" {
    experiment x '.topology.hosts = 3 | .workload.model = "p2p"'
    report_of x
    [ "$(head -1 output/report/traffic.csv)" = run,experiment,model,trial,from,to,bytes ]
    for host in h1 h2 h3; do
        [ "$(sum_where bytes to $host output/report/traffic.csv)" -eq 300000 ]
    done
    [ -s output/report/plots/traffic-x.svg ] && [ -s output/report/plots/traffic-x.png ]
    [ ! -e output/report/plots/links-x.gp ] && [ ! -e output/report/plots/rtt-x.gp ]
    [ "$(wc -l <output/report/connections.csv)" -eq 1 ]
}

@test "with telemetry: links over time, and connections" {
    experiment x '.topology = {hosts: 2, link: {up: "20Mbit", down: "20Mbit"}}
        | .telemetry.interval = "10ms"'
    report_of x
    for name in traffic links rtt; do
        [ -s output/report/plots/$name-x.svg ] && [ -s output/report/plots/$name-x.png ]
    done
    # Each link and what it carried between any two samples, on the page too.
    run_apart "$LABCTL" report --format json output
    assert_json '.runs[0].detail.links | length == 4 and all(.[]; .bps | length > 2)' output/report/report.json
    grep -q "#e69f00" output/report/plots/rtt-x.gp
    ! grep "#0072b2" output/report/plots/rtt-x.gp
    # The file went down both links, with headers and perhaps a few repetitions.
    down=$(sum_where bytes direction down output/report/links.csv)
    [ "$down" -gt 600000 ] && [ "$down" -lt 700000 ]
    [ "$(sum_where bytes to h2 output/report/traffic.csv)" -eq 300000 ]
    grep -q ',r1,h2,[12],' output/report/connections.csv
    grep -q ',h2,r1,1,' output/report/connections.csv
}

@test "round-trip times that were asked for less often than the transfer took are no curve" {
    experiment x '.topology = {hosts: 2, link: {up: "20Mbit", down: "20Mbit"}}
        | .telemetry.interval = "20s"'
    report_of x
    [ "$(wc -l <output/report/connections.csv)" -gt 1 ]
    assert_text "rtt-x: not drawn: there is nothing to show" stderr
    [ ! -e output/report/plots/rtt-x.gp ]
}
