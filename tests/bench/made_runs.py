"""Run directories as labctl leaves them, made up without running anything, so that a report of
many can be measured. The same every time, without results.json. By hand:

    made_runs.py FOLDER RUNS TRIALS [plain|telemetry|brief]

"telemetry" is sampled a hundred times a trial; of "brief" ones the logs have a few lines each.
"""

import dataclasses
import json
import pathlib
import sys

ORIGIN = 5_000_000_000_000  # ns, of every trial
SHA256 = "c0ffee00" * 8
CLIENTS = 6
BYTES = 50_000_000
RATE = 100_000_000
MAKESPAN = {"cs": 25.2, "p2p": 4.4}  # seconds, about


@dataclasses.dataclass
class Detail:
    """How much the logs tell."""
    block: int = 1 << 18  # bytes
    progress: int = 200  # events of a client
    samples: int = 0  # of telemetry in a trial


DETAILS = {"plain": Detail(), "telemetry": Detail(samples=100),
           "brief": Detail(block=10_000_000, progress=5)}


def event(seconds, name, **fields):
    return json.dumps({"t": ORIGIN + round(seconds * 1e9), "event": name, **fields},
                      separators=(",", ":"))


def write_log(logs, stem, lines, last_s, status=0):
    lines.sort(key=lambda line: int(line[len('{"t":'):line.index(",")]))
    lines.append(event(last_s, "exit", status=status))
    (logs / f"{stem}.jsonl").write_text("\n".join(lines) + "\n")
    (logs / f"{stem}.exit").write_text(f"{status}\n")


def address(node):
    return f"192.168.{10 * node}.1"


def tcp_samples(count, end, peer, most, least):
    """The counter `most` grows, `least` does not."""
    return [event(end * k / count, "tcp", connection=1, peer=f"{peer}:5001",
                  rtt_us=2000 + 977 * k % 40000, cwnd=10 + k % 50, retransmits=k // 10,
                  delivery_rate_bps=RATE, **{least: 0, most: BYTES * k // count})
            for k in range(count)]


def blocks(size, client, end):
    """Of every block, one client has it from the server and passes it on to the others."""
    count = -(-BYTES // size)
    for number in range(count):
        first = number % CLIENTS + 1
        when = end * (number + 1) / (count + 1)
        yield event(when, "block", block=number, bytes=min(size, BYTES - number * size),
                    **{"from": address(CLIENTS + 1 if first == client else first)},
                    began=ORIGIN + round((when - 0.01) * 1e9))


def progress(count, end):
    for k in range(1, count):
        yield event(end * k / count, "progress", bytes=BYTES * k // count)


def write_client(logs, model, client, end, detail):
    program = "p2p_peer" if model == "p2p" else "cs_client"
    server = address(CLIENTS + 1)
    lines = [event(-0.05, "start", node=f"h{client}", program=program, pid=100),
             event(-0.0002, "begin", planned=ORIGIN - 300_000),
             event(0.0001, "connect", connection=1, peer=f"{server}:5001"),
             event(0.0002, "length", bytes=BYTES)]
    lines += blocks(detail.block, client, end) if model == "p2p" else progress(detail.progress, end)
    lines += tcp_samples(detail.samples, end, server, "bytes_received", "bytes_sent")
    lines.append(event(end, "finish", bytes=BYTES))
    write_log(logs, f"h{client}.{program}", lines, end)


def write_server(logs, model, end, detail):
    lines = [event(-0.05, "start", node="s1", program=f"{model}_server", pid=99)]
    for client in range(1, CLIENTS + 1):
        lines.append(event(0, "accept", connection=client, peer=f"{address(client)}:40000"))
    lines += tcp_samples(detail.samples, end, address(1), "bytes_sent", "bytes_received")
    write_log(logs, f"s1.{model}_server", lines, end)


def link_samples(end, count):
    for k in range(count + 1):
        for node in [f"h{i}" for i in range(1, CLIENTS + 1)] + ["s1"]:
            for direction in ("up", "down"):
                yield event(end * k / count, "link", node=node, direction=direction,
                            bytes=BYTES * k // count, packets=33000 * k // count, drops=k,
                            backlog=0)


def write_control(logs, trial, end, detail):
    lines = [event(-0.06, "trial", trial=trial, warmup=False, file_bytes=BYTES,
                   file_sha256=SHA256)]
    lines += link_samples(end, detail.samples or 1)
    lines += [event(end + 1, "verify", node=f"h{i}", bytes=BYTES, sha256=SHA256)
              for i in range(1, CLIENTS + 1)]
    lines.append(event(end + 2, "end", status="ok"))
    (logs / "labctl.jsonl").write_text("\n".join(lines) + "\n")


def write_trial(folder, model, trial, detail):
    logs = folder / "trials" / f"{trial:03}" / "logs"
    logs.mkdir(parents=True)
    last = MAKESPAN[model] * (1 + trial * 37 % 100 / 2000)
    for client in range(1, CLIENTS + 1):
        write_client(logs, model, client, last - 0.005 * (CLIENTS - client), detail)
    write_server(logs, model, last, detail)
    write_control(logs, trial, last, detail)


def write_run(folder, name, model, trials, detail):
    folder.mkdir(parents=True)
    hosts = [f"h{i}" for i in range(1, CLIENTS + 1)] + ["s1"]
    experiment = {"name": name, "topology": {"hosts": hosts, "link": {"up": RATE, "down": RATE}},
                  "workload": {"model": model, "server": "s1", "file": {"size": BYTES, "seed": 7}},
                  "trials": trials}
    if detail.samples:
        experiment["telemetry"] = {"interval": MAKESPAN[model] / detail.samples}
    (folder / "experiment.json").write_text(json.dumps(experiment, indent=2) + "\n")
    (folder / "manifest.json").write_text(json.dumps({"schema": "labctl.manifest/1"}) + "\n")
    for trial in range(1, trials + 1):
        write_trial(folder, model, trial, detail)


def write_runs(folder, runs, trials, detail="plain"):
    """That many runs below a folder, client/server and peer to peer in turn, of 50 experiments
    at most."""
    for number in range(runs):
        model = ("cs", "p2p")[number % 2]
        name = f"{model}-{number // 2 % 25}"
        write_run(pathlib.Path(folder) / name / f"20260301T{number:06}Z", name, model, trials,
                  DETAILS[detail])


if __name__ == "__main__":
    write_runs(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), *sys.argv[4:])
