"""What labctl costs beside plain Mininet.

The same work, six hosts and a router, one trial of client/server with a file of 155.7 kB,
by `labctl run` and by a Mininet script such as a student would write: build, start the same
programs with the same command lines, wait for them, net.stop(). The two take turns; the
table gives medians, and the time from the start of the command to the first connection that
the server accepts.

Usage: overhead.py LABCTL [RUNS [HOSTS]]
"""

import json
import os
import pathlib
import statistics
import struct
import subprocess
import sys
import tempfile
import time

BYTES = 155700


def experiment(hosts):
    return {"name": "overhead", "topology": {"hosts": hosts},
            "workload": {"model": "cs", "file": {"size": BYTES, "seed": 7}}}


def first_accept(log):
    """Monotonic time in seconds of the server's first accepted connection."""
    for line in pathlib.Path(log).read_text().splitlines():
        event = json.loads(line)
        if event["event"] == "accept":
            return event["t"] / 1e9
    raise SystemExit(f"no accepted connection in {log}")


def run_labctl(labctl, hosts, folder):
    path = folder / "overhead.json"
    path.write_text(json.dumps(experiment(hosts)))
    begin = time.monotonic()
    subprocess.run([labctl, "run", "--quiet", "--output", folder / "output", path],
                   check=True, stdout=subprocess.DEVNULL)
    end = time.monotonic()
    log = next(folder.glob("output/overhead/*/trials/001/logs/r1.cs_server.jsonl"))
    return end - begin, first_accept(log) - begin


def run_plain(labctl, hosts, folder):
    command = ["unshare", "-rnm", "--pid", "--fork", "--mount-proc", "/usr/bin/python3", __file__,
               "--plain", labctl, str(hosts), str(folder)]
    begin = time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    end = time.monotonic()
    return end - begin, first_accept(folder / "server.jsonl") - begin


def wait_for(log, event):
    """Until the log has that event."""
    while not log.exists() or f'"{event}"' not in log.read_text():
        time.sleep(0.001)


def plain_mininet(labctl, hosts, folder):
    """The script of a student: runs in namespaces of its own, as root of them."""
    # pylint: disable=import-outside-toplevel
    from mininet.log import setLogLevel
    from mininet.net import Mininet

    setLogLevel("error")
    nodes = pathlib.Path(labctl).resolve().parent / "nodes"
    (folder / "file").write_bytes(os.urandom(BYTES))
    net = Mininet(topo=None, controller=None)
    router = net.addHost("r1", ip=None)
    clients = []
    for i in range(1, hosts + 1):
        host = net.addHost(f"h{i}", ip=f"10.{i // 256}.{i % 256}.1/24",
                           defaultRoute=f"via 10.{i // 256}.{i % 256}.254")
        net.addLink(host, router, params2={"ip": f"10.{i // 256}.{i % 256}.254/24"})
        clients.append(host)
    net.start()
    router.cmd("sysctl -w net.ipv4.ip_forward=1")

    router.cmd(f"{nodes}/cs_server --node r1 --port 5001 --file {folder}/file --clients {hosts} "
               f">{folder}/server.jsonl 2>{folder}/server.log &")
    wait_for(folder / "server.jsonl", "ready")
    for i, host in enumerate(clients, 1):
        os.mkfifo(folder / f"gate{i}")
        host.cmd(f"{nodes}/cs_client --node h{i} --server 10.{i // 256}.{i % 256}.254 --port 5001 "
                 f"--output {folder}/received{i} --gate {folder}/gate{i} --framing length "
                 f">{folder}/client{i}.jsonl 2>{folder}/client{i}.log &")
        with open(folder / f"gate{i}", "wb") as gate:
            gate.write(struct.pack("=Q", time.monotonic_ns()))
    wait_for(folder / "server.jsonl", "exit")
    net.stop()


def main():
    if sys.argv[1] == "--plain":
        plain_mininet(sys.argv[2], int(sys.argv[3]), pathlib.Path(sys.argv[4]))
        return
    labctl = sys.argv[1]
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 7
    hosts = int(sys.argv[3]) if len(sys.argv) > 3 else 6
    ways = {"labctl run": run_labctl, "plain Mininet": run_plain}
    times = {way: [] for way in ways}
    for number in range(runs + 1):
        for way, run in ways.items():
            with tempfile.TemporaryDirectory() as folder:
                result = run(labctl, hosts, pathlib.Path(folder))
            if number > 0:  # the first of each warms the caches
                times[way].append(result)
    print(f"{hosts} hosts, {BYTES} bytes, median of {runs} (least to most), in seconds")
    for way, results in times.items():
        whole, first = zip(*results)
        print(f"{way:14}  whole {statistics.median(whole):.3f} ({min(whole):.3f} to {max(whole):.3f})"
              f"  first connection {statistics.median(first):.3f}")
    ratios = [a[0] / b[0] for a, b in zip(*times.values())]
    print(f"labctl / plain, pair by pair: median {statistics.median(ratios):.2f}"
          f" ({min(ratios):.2f} to {max(ratios):.2f})")


if __name__ == "__main__":
    main()
