"""The cases of the bench. Each has a function that measures one round, all contenders in
turn, and returns a dictionary: its figures by key, and whatever else is worth recording."""

import dataclasses
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import typing

import lab
import made_runs
import overhead
import report_cost

MB = 1000 * 1000
Mbit = 1000 * 1000  # pylint: disable=invalid-name


@dataclasses.dataclass
class Figure:
    """One number of a case. `target` may be None: told, not judged."""
    key: str
    title: str
    relation: str = "<="
    target: typing.Optional[float] = None
    unit: str = ""

    def is_met(self, value):
        if self.target is None:
            return None
        return value <= self.target if self.relation == "<=" else value >= self.target


@dataclasses.dataclass
class Case:
    """`measure` takes the lab and the round's number, from 0. A `long` one is left out of a
    quick bench unless it is named."""
    name: str
    title: str
    measure: typing.Callable
    figures: list
    rounds: int = 5
    long: bool = False


def links_of(rates):
    """Links of h1, h2 ... from pairs of up and down in Mbit/s."""
    return {f"h{i}": {"up": up * Mbit, "down": down * Mbit} for i, (up, down) in
            enumerate(rates, 1)}


def shaped(model, size, server_up, rates):
    """An experiment with the server s1, whose downlink does not matter, and a client for each
    pair of rates in Mbit/s."""
    links = {"s1": {"up": server_up * Mbit, "down": server_up * Mbit}, **links_of(rates)}
    return {"topology": {"hosts": list(links), "links": links},
            "workload": {"model": model, "server": "s1", "file": {"size": size, "seed": 7}}}


def unshaped(model, size, clients=6):
    return {"topology": {"hosts": clients},
            "workload": {"model": model, "file": {"size": size, "seed": 7}}}


# --- beside the theoretical bound --------------------------------------------------------


def beside_bound(experiment):
    def measure(bench, _):
        with bench.run(experiment) as run:
            return {"ratio": run.over_bound, "makespan_s": run.makespan_s}
    return measure


def slow_peer(bench, _):
    """Six peers, the last with a downlink of 5 Mbit/s. The other five are judged by the bound
    of a network in which that peer does not exist."""
    rates = [(100, 100)] * 5 + [(100, 5)]
    size = 50 * MB
    with bench.run(shaped("p2p", size, 100, rates)) as run:
        finishes = [host["finish_s"] for host in run.trial["hosts"]]
        others = lab.bound(size, 100 * Mbit, [(up * Mbit, down * Mbit) for up, down in rates[:5]])
        return {"others": max(finishes[:5]) / others, "slow": run.over_bound,
                "finish_s": finishes}


def case_of_bound(name, title, experiment, target, rounds=5):
    return Case(name, title, beside_bound(experiment),
                [Figure("ratio", "makespan / bound", "<=", target)], rounds)


SHAPED = [
    case_of_bound("p2p6", "6 peers, all links 100 Mbit/s",
                  shaped("p2p", 50 * MB, 100, [(100, 100)] * 6), 1.05),
    case_of_bound("p2p6-fast-server", "6 peers, server up 400, peers up 100 down 500",
                  shaped("p2p", 50 * MB, 400, [(100, 500)] * 6), 1.06),
    case_of_bound("p2p6-unequal", "6 peers, up 10 20 50 100 100 200, down 500, server up 100",
                  shaped("p2p", 50 * MB, 100,
                         [(up, 500) for up in (10, 20, 50, 100, 100, 200)]), 1.08),
    Case("p2p6-slow-peer", "6 peers, one of them down 5 Mbit/s", slow_peer,
         [Figure("others", "the other five / their bound", "<=", 1.10),
          Figure("slow", "all six / bound")], rounds=3, long=True),
    case_of_bound("p2p24", "24 peers, all links 20 Mbit/s, 20 MB",
                  shaped("p2p", 20 * MB, 20, [(20, 20)] * 24), 1.08),
    case_of_bound("cs6", "client/server, 6 clients, all links 100 Mbit/s",
                  shaped("cs", 50 * MB, 100, [(100, 100)] * 6), 1.02),
]

# --- beside others -----------------------------------------------------------------------


def swarm_seconds(run):
    """What libtorrent took by its own account, from the first peer that began to the last that
    had the file: the start of Python is not held against it."""
    spans = [tuple(map(float, line.split()[1:])) for log in run.logs.glob("h*.log")
             for line in log.read_text().splitlines() if line.startswith("transfer ")]
    return max(end for _, end in spans) - min(begin for begin, _ in spans)


def swarm_of(ours):
    """libtorrent on the network, with the server and the file, of another experiment."""
    swarm = lab.ready_made("libtorrent")
    swarm["topology"] = ours["topology"]
    server = ours["workload"].get("server", "r1")
    workload = swarm["workload"]
    workload["server"] = server
    workload["file"] = ours["workload"]["file"]
    workload["client_command"] = [word.replace("/s1/", f"/{server}/")
                                  for word in workload["client_command"]]
    return swarm


def in_turn(contenders, number):
    """Each contender's time; every other round they go in the opposite order."""
    names = list(contenders)
    seconds = {}
    for name in names if number % 2 == 0 else reversed(names):
        seconds[name] = contenders[name]()
    return seconds


def write_files(folder, count, size):
    """Seconds to write that many files at once, out of a buffer that stays in the processor's
    cache: nobody who leaves files behind can be faster, even without a network."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        begin = time.monotonic()
        writers = [subprocess.Popen(["dd", "if=/dev/zero", f"of={place}/{i}", "bs=64K",
                                     f"count={size}", "iflag=count_bytes", "status=none"])
                   for i in range(count)]
        for writer in writers:
            writer.wait()
        return time.monotonic() - begin


def warm_memory(bench):
    """Touch as much memory as a run's files will take. On a virtual machine memory that was
    never used, or not lately, is slow the first time, whoever uses it."""
    write_files(bench.memory, 7, 500 * MB)


def timed(bench, experiment, seconds=lambda run: run.elapsed_s):
    """A contender: runs the experiment and returns its seconds."""
    def contend():
        if "links" not in experiment["topology"]:
            warm_memory(bench)
        with bench.run(experiment) as run:
            return seconds(run)
    return contend


def beside_swarm(ours, bound_s=None):
    def measure(bench, number):
        seconds = in_turn({"labctl": timed(bench, ours),
                           "libtorrent": timed(bench, swarm_of(ours), swarm_seconds)}, number)
        result = {"ratio": seconds["libtorrent"] / seconds["labctl"], "seconds": seconds}
        if bound_s:
            result["possible"] = seconds["libtorrent"] / bound_s
        return result
    return measure


def beside_servers(bench, number):
    """Unshaped client/server on a tmpfs, beside nginx with curl writing files, iperf3 from
    memory to memory, and the tmpfs by itself."""
    def write():
        warm_memory(bench)
        return write_files(bench.memory, 6, 500 * MB)

    seconds = in_turn({"labctl": timed(bench, unshaped("cs", 500 * MB)),
                       "nginx": timed(bench, lab.ready_made("nginx-curl")),
                       "iperf3": timed(bench, lab.ready_made("iperf3")),
                       "write": write}, number)
    rates = {name: 6 * 500 * MB / value for name, value in seconds.items()}
    return {"nginx": seconds["nginx"] / seconds["labctl"],
            "iperf3": seconds["iperf3"] / seconds["labctl"],
            "write": seconds["write"] / seconds["labctl"],
            "rate": rates["labctl"] / 1e9, "seconds": seconds, "bytes_per_s": rates}


OTHERS = [
    Case("p2p6-libtorrent", "6 peers, all links 100 Mbit/s, beside a libtorrent swarm",
         beside_swarm(shaped("p2p", 50 * MB, 100, [(100, 100)] * 6),
                      lab.bound(50 * MB, 100 * Mbit, [(100 * Mbit, 100 * Mbit)] * 6)),
         [Figure("ratio", "libtorrent's time / ours", ">=", 2),
          Figure("possible", "libtorrent's time / bound", ">=")]),
    Case("cs6-free", "unshaped client/server, 6 clients, 500 MB on tmpfs", beside_servers,
         [Figure("nginx", "nginx + curl's time / ours", ">=", 1.5),
          Figure("iperf3", "iperf3's time / ours", ">=", 1),
          Figure("write", "writing alone, time / ours", ">="),
          Figure("rate", "all clients together", ">=", None, "GB/s")], rounds=7),
    Case("p2p6-free-libtorrent", "unshaped peer to peer, 6 peers, 500 MB on tmpfs",
         beside_swarm(unshaped("p2p", 500 * MB)),
         [Figure("ratio", "libtorrent's time / ours", ">=", 3)]),
]

# --- sizes -------------------------------------------------------------------------------


def many_clients(bench, _):
    with bench.run(unshaped("cs", MB, 200), watch=True) as run:
        verified = sum(host["verified"] for host in run.trial["hosts"])
        return {"verified": verified, "memory": run.peaks["cs_server"] / MB,
                "makespan_s": run.makespan_s, "wall_s": run.wall_s}


def large_file(model, clients):
    """A file of 10 GB on disk; the figure is the most memory of any node program."""
    size = 10000 * MB

    def measure(bench, _):
        room = shutil.disk_usage(bench.disk).free
        if room < 1.5 * size * (clients + 1):
            raise lab.Failed(f"{bench.disk} has {room / 1e9:.0f} GB free, too little")
        experiment = {**unshaped(model, size, clients), "timeout": "3600s"}
        with bench.run(experiment, on_disk=True, watch=True) as run:
            peaks = {program: peak / MB for program, peak in run.peaks.items()}
            nodes = [peak for program, peak in peaks.items() if program != "labctl"]
            return {"memory": max(nodes), "peaks_mb": peaks, "makespan_s": run.makespan_s}
    return measure


def many_hosts(bench, _):
    with bench.run(unshaped("cs", MB, 500)) as run:
        verified = sum(host["verified"] for host in run.trial["hosts"])
        return {"verified": verified, "wall": run.wall_s, "makespan_s": run.makespan_s}


SIZES = [
    Case("clients200", "200 clients at once, 1 MB each", many_clients,
         [Figure("verified", "files verified", ">=", 200),
          Figure("memory", "server's memory", "<=", 64, "MB")], rounds=3),
    Case("cs-10gb", "10 GB file on disk, client/server, 1 client", large_file("cs", 1),
         [Figure("memory", "most memory of a node", "<=", 64, "MB")], rounds=1, long=True),
    Case("p2p-10gb", "10 GB file on disk, peer to peer, 2 peers", large_file("p2p", 2),
         [Figure("memory", "most memory of a node", "<=", 64, "MB")], rounds=1, long=True),
    Case("hosts500", "500 hosts, 1 MB client/server", many_hosts,
         [Figure("verified", "files verified", ">=", 500),
          Figure("wall", "whole run", "<=", None, "s")], rounds=1, long=True),
]

# --- reports -----------------------------------------------------------------------------


def report_of(runs, trials, detail="plain"):
    """A report with everything in it of runs that were made up, none with results.json: all is
    worked out from the logs."""
    def measure(bench, _):
        with tempfile.TemporaryDirectory(dir=bench.disk) as folder:
            made_runs.write_runs(folder, runs, trials, detail)
            os.sync()  # what was made up is not the report's to write
            cost = report_cost.measure(bench.labctl, folder)
            logs = sum(path.stat().st_size for path in pathlib.Path(folder).rglob("*.jsonl"))
        if cost.status != 0:
            raise lab.Failed(f"labctl report ended with status {cost.status}")
        return {"seconds": cost.seconds, "memory": cost.memory_mb, "logs_mb": logs / MB}
    return measure


def case_of_report(name, title, measure, seconds):
    return Case(name, title, measure, [Figure("seconds", "time of the report", "<=", seconds, "s"),
                                       Figure("memory", "most memory", "<=", 200, "MB")], rounds=3)


REPORTS = [
    case_of_report("report-2x500", "report of 2 runs of 500 trials, 6 hosts",
                   report_of(2, 500), 10),
    case_of_report("report-1000x1", "report of 1,000 runs of a trial, 6 hosts",
                   report_of(1000, 1), 10),
    case_of_report("report-telemetry", "2 runs of 500 trials, sampled 100 times each",
                   report_of(2, 500, "telemetry"), None),
]

# --- the controller ----------------------------------------------------------------------


def beside_mininet(hosts):
    def measure(bench, number):
        def timed(way):
            def run_it():
                with tempfile.TemporaryDirectory(dir=bench.memory) as folder:
                    return way(str(bench.labctl), hosts, pathlib.Path(folder))[0]
            return run_it
        seconds = in_turn({"labctl": timed(overhead.run_labctl),
                           "mininet": timed(overhead.run_plain)}, number)
        return {"ratio": seconds["labctl"] / seconds["mininet"], "wall": seconds["labctl"],
                "seconds": seconds}
    return measure


def shaping(bench, _):
    """bench_shaping of the build tree: a row for each rate."""
    program = bench.build / "tests" / "bench" / "bench_shaping"
    if not program.exists():
        raise lab.Failed(f"{program} is not there: configure with -DLABCTL_TESTS=ON and build")
    done = subprocess.run([program], check=False, capture_output=True, text=True)
    rows = [line.split() for line in done.stdout.splitlines()]
    rows = [row for row in rows if row and row[-1] in ("yes", "NO")]
    if not rows:
        raise lab.Failed(f"bench_shaping: {done.stderr.strip()}")
    errors, delays = {}, {}
    for row in rows:
        rate, numbers = " ".join(row[:-8]), row[-8:-1]
        errors[rate] = abs(1 - float(numbers[2])) * 100
        delays[rate] = float(numbers[6])
    return {"error": max(errors.values()), "delay": max(delays.values()),
            "errors_percent": errors, "delay_ratios": delays}


def telemetry_cost(experiment):
    """The same experiment with and without telemetry, in turn."""
    sampled = {**experiment, "telemetry": {"interval": "100ms"}}

    def measure(bench, number):
        seconds = in_turn({"off": timed(bench, experiment), "on": timed(bench, sampled)}, number)
        return {"ratio": seconds["on"] / seconds["off"], "seconds": seconds}
    return measure


def case_of_telemetry(name, title, experiment, rounds=5):
    return Case(name, title, telemetry_cost(experiment),
                [Figure("ratio", "time with / without telemetry", "<=", 1.01)], rounds)


CONTROLLER = [
    case_of_telemetry("telemetry-cs6", "telemetry every 100 ms: client/server, 100 Mbit/s",
                      shaped("cs", 20 * MB, 100, [(100, 100)] * 6)),
    case_of_telemetry("telemetry-p2p6", "telemetry every 100 ms: 6 peers, 100 Mbit/s",
                      shaped("p2p", 50 * MB, 100, [(100, 100)] * 6)),
    case_of_telemetry("telemetry-cs6-free", "telemetry every 100 ms: unshaped client/server",
                      unshaped("cs", 500 * MB)),
    Case("overhead6", "labctl run of a tiny file, 6 hosts, beside plain Mininet",
         beside_mininet(6), [Figure("ratio", "labctl / plain Mininet", "<=", 0.8),
                             Figure("wall", "labctl run", "<=", None, "s")], rounds=7),
    Case("overhead100", "labctl run of a tiny file, 100 hosts, beside plain Mininet",
         beside_mininet(100), [Figure("ratio", "labctl / plain Mininet", "<=", 0.4),
                               Figure("wall", "labctl run", "<=", None, "s")], rounds=3),
    Case("shaping", "links from 1 Mbit/s to 5 Gbit/s", shaping,
         [Figure("error", "worst error of goodput", "<=", 1, "%"),
          Figure("delay", "worst delay / what the queue allows", "<=", 1.3)], rounds=1),
]

ALL = SHAPED + OTHERS + SIZES + REPORTS + CONTROLLER
