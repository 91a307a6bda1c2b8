#!/usr/bin/env python3
"""Measures labctl beside the theoretical bound, the machine, and what else one would use.

    tests/bench/bench.py                       everything, in about half an hour
    tests/bench/bench.py --quick               one round of each case that is not long
    tests/bench/bench.py --only p2p6 --only cs6-free

Prints a table of case, figure, target, and whether it is met, and writes the same with every
round's measurements as JSON. Contenders of a case take turns in each round; a figure is the
median of the rounds' figures, with the least and the most. docs/performance.md tells what
the cases are and what came out.

Needs a build with tests (cmake -DLABCTL_TESTS=ON) and the packages of the groups run and
bench (scripts/install-packages run bench). Exits with status 1 when a figure misses its target
or a case fails.
"""

import argparse
import fnmatch
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time

import cases
import lab

SCHEMA = "labctl.bench/1"


def first_line(*command):
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True)
    except OSError:
        return None
    return (done.stdout or done.stderr).splitlines()[0]


def describe_machine():
    models = [line.split(":", 1)[1].strip() for line in
              pathlib.Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line]
    torrent = "import libtorrent; print('libtorrent', libtorrent.__version__)"
    return {"cpu": models[0] if models else platform.machine(), "cores": os.cpu_count(),
            "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
            "kernel": platform.release(), "load": os.getloadavg(),
            "opponents": [first_line("nginx", "-v"), first_line("curl", "--version"),
                          first_line("iperf3", "--version"),
                          first_line("/usr/bin/python3", "-c", torrent)]}


def measure_case(case, bench, rounds):
    """All rounds of a case. One that fails ends it; what came before counts, and it says so."""
    outcome = {"case": case.name, "title": case.title, "rounds": []}
    begin = time.monotonic()
    try:
        for number in range(rounds):
            outcome["rounds"].append(case.measure(bench, number))
            shown = [f"{figure.key} {outcome['rounds'][-1][figure.key]:.3f}"
                     for figure in case.figures]
            print(f"{case.name}, round {number + 1} of {rounds}: {', '.join(shown)}",
                  file=sys.stderr)
    except lab.Failed as failure:
        outcome["error"] = str(failure)
        print(f"{case.name}: {failure}", file=sys.stderr)
    outcome["seconds"] = time.monotonic() - begin
    outcome["figures"] = [summarize(figure, outcome) for figure in case.figures]
    return outcome


def summarize(figure, outcome):
    values = [result[figure.key] for result in outcome["rounds"]]
    summary = {"figure": figure.title, "unit": figure.unit, "relation": figure.relation,
               "target": figure.target, "n": len(values)}
    if values:
        summary.update(median=statistics.median(values), min=min(values), max=max(values))
        summary["met"] = figure.is_met(summary["median"])
    if "error" in outcome:
        summary["met"] = False
    return summary


def format_target(figure):
    if figure["target"] is None:
        return "-"
    return f"{figure['relation']} {figure['target']:g}"


def print_table(outcomes):
    row = "{:22} {:38} {:>9} {:>19} {:>8}  {}"
    print(row.format("case", "figure", "median", "least to most", "target", "met"))
    for outcome in outcomes:
        for figure in outcome["figures"]:
            title = figure["figure"] + (f", {figure['unit']}" if figure["unit"] else "")
            met = {True: "yes", False: "NO", None: "-"}[figure.get("met")]
            if figure["n"] == 0:
                print(row.format(outcome["case"], title, "failed", "", format_target(figure), met))
                continue
            spread = f"{figure['min']:.3f} to {figure['max']:.3f}" if figure["n"] > 1 else ""
            print(row.format(outcome["case"], title, f"{figure['median']:.3f}", spread,
                             format_target(figure), met))
    for outcome in outcomes:
        if "error" in outcome:
            print(f"{outcome['case']} failed: {outcome['error']}")


def choose(options):
    if not options.only:
        return [case for case in cases.ALL if not (options.quick and case.long)]
    chosen = [case for case in cases.ALL
              if any(fnmatch.fnmatch(case.name, pattern) for pattern in options.only)]
    if not chosen:
        names = ", ".join(case.name for case in cases.ALL)
        raise SystemExit(f"bench.py: no case matches; there are {names}")
    return chosen


def parse_options():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", metavar="CASE",
                        help="this case; may be repeated, may have * in it")
    parser.add_argument("--quick", action="store_true", help="one round; no long cases")
    parser.add_argument("--rounds", type=int, metavar="N", help="rounds of every case")
    parser.add_argument("--list", action="store_true", help="name the cases and stop")
    parser.add_argument("--build", default=lab.SOURCE / "build", metavar="DIR",
                        help="build tree (default: build)")
    parser.add_argument("--memory", default="/dev/shm", metavar="DIR",
                        help="a tmpfs with 4 GB free (default: /dev/shm)")
    parser.add_argument("--disk", default=tempfile.gettempdir(), metavar="DIR",
                        help="where the large files go")
    parser.add_argument("--json", default=lab.SOURCE / "output" / "bench.json", metavar="FILE",
                        help="where the JSON goes (default: output/bench.json)")
    return parser.parse_args()


def run_cases(chosen, options, outcomes):
    with tempfile.TemporaryDirectory(prefix="labctl-bench.", dir=options.memory) as memory, \
            tempfile.TemporaryDirectory(prefix="labctl-bench.", dir=options.disk) as disk:
        bench = lab.Lab(options.build, memory, disk)
        for case in chosen:
            rounds = options.rounds or (1 if options.quick else case.rounds)
            outcomes.append(measure_case(case, bench, rounds))


def main():
    options = parse_options()
    chosen = choose(options)
    if options.list:
        for case in chosen:
            print(f"{case.name:22} {case.title}")
        return 0
    if not pathlib.Path(options.build, "labctl").exists():
        raise SystemExit(f"bench.py: no labctl in {options.build}; build it first, or see --build")
    record = {"schema": SCHEMA, "machine": describe_machine(), "quick": options.quick,
              "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "cases": []}
    try:
        run_cases(chosen, options, record["cases"])
    except KeyboardInterrupt:
        print("interrupted: these are the cases that were done", file=sys.stderr)
    print_table(record["cases"])
    path = pathlib.Path(options.json)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, indent=2) + "\n")
    missed = [figure for outcome in record["cases"] for figure in outcome["figures"]
              if figure.get("met") is False]
    return 1 if missed or len(record["cases"]) < len(chosen) else 0


if __name__ == "__main__":
    sys.exit(main())
