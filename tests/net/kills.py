"""kill -9, at random instants: nothing is left, and nothing that was finished is lost.

Each round starts a run of three short trials, kills labctl, the first process of its sandbox, a
node program or a node's shell at an instant drawn from the seed, and looks: no process of the
run, no interface, mount or temporary file that was not there; every trial that had ended well
is there with the files it received. Every other run that lost labctl or its first process is completed by `labctl run --resume`.

Usage: kills.py LABCTL [ROUNDS [SEED]]     (20 rounds; the seed is printed)
"""

import hashlib
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

EXPERIMENT = {
    "name": "k", "topology": {"hosts": 2, "link": {"up": "100Mbit", "down": "100Mbit"}},
    "workload": {"model": "p2p", "file": {"size": "200kB", "seed": 7}},
    "trials": 3, "timeout": "20s",
}
PATIENCE_S = 30
VICTIMS = ["labctl", "first", "node", "shell"]


def read(path):
    try:
        return pathlib.Path(path).read_bytes()
    except OSError:
        return b""


def numbers():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def marked(mark):
    """Processes of the run: they inherit a mark in their environment."""
    return [pid for pid in numbers() if mark in read(f"/proc/{pid}/environ")]


def children(pid):
    return [int(child) for child in read(f"/proc/{pid}/task/{pid}/children").split()]


def below(pid):
    found = children(pid)
    for child in found:
        found.extend(children(child))
    return found


def find_victim(kind, labctl, draw):
    """The process to be killed, or None when there is none of that kind at this instant."""
    if kind == "labctl":
        return labctl
    if kind == "first":
        return next(iter(children(labctl)), None)
    is_kind = (lambda words: b"mininet:" in words) if kind == "shell" else \
        (lambda words: words.split(b"\0")[0].endswith((b"p2p_peer", b"p2p_server")))
    candidates = [pid for pid in below(labctl) if is_kind(read(f"/proc/{pid}/cmdline"))]
    return draw.choice(candidates) if candidates else None


def surroundings(folder):
    """What must be the same afterwards."""
    mounts = [line.split()[4] for line in read("/proc/self/mountinfo").decode().splitlines()]
    return sorted(os.listdir("/sys/class/net")), mounts, sorted(os.listdir(folder / "tmp"))


def until(condition, what):
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited in vain: {what}")
        time.sleep(0.01)


def finished_trials(run):
    """The trials of a run directory whose log says that they ended well."""
    found = {}
    for log in run.glob("trials/*/logs/labctl.jsonl"):
        lines = log.read_text(errors="replace").splitlines()
        events = [json.loads(line) for line in lines if line.endswith("}")]
        if any(e["event"] == "end" and e["status"] == "ok" for e in events):
            found[log.parent.parent.name] = events[0]["file_sha256"]
    return found


def check_trials(run, before):
    """All that was finished before is still there, whole."""
    after = finished_trials(run)
    for trial, digest in before.items():
        assert after.get(trial) == digest, f"trial {trial} is lost"
        for host in ("h1", "h2"):
            data = (run / "trials" / trial / "recv" / host / "file.bin").read_bytes()
            assert hashlib.sha256(data).hexdigest() == digest, f"{trial}/{host} is damaged"


class Rounds:
    def __init__(self, labctl, folder, seed):
        self.labctl, self.folder, self.draw = labctl, folder, random.Random(seed)
        self.mark = f"LABCTL_KILLS=kills-{os.getpid()}-{seed}".encode()
        name, value = self.mark.decode().split("=")
        self.environment = {**os.environ, name: value, "TMPDIR": str(folder / "tmp")}
        (folder / "tmp").mkdir()
        (folder / "k.json").write_text(json.dumps(EXPERIMENT))
        self.duration = 0.0
        self.counts = {"resumed": 0, "finished_trials": 0, **dict.fromkeys(VICTIMS, 0)}

    def start(self, *words):
        with open(self.folder / "said", "w") as said:
            return subprocess.Popen([self.labctl, "run", "--quiet", *words], cwd=self.folder,
                                    env=self.environment, stdout=said, stderr=said,
                                    start_new_session=True)

    def measure(self):
        """How long a whole run takes here, so that instants are drawn from all of it."""
        began = time.monotonic()
        assert self.start("k.json").wait(PATIENCE_S * 4) == 0, "a run without kills fails"
        self.duration = time.monotonic() - began
        shutil.rmtree(self.folder / "output")

    def kill_one(self):
        """Start a run and kill one of it. Returns what was killed, or None: it was over."""
        child = self.start("k.json")
        kind, instant = self.draw.choice(VICTIMS), self.draw.uniform(0, 0.8 * self.duration)
        deadline = time.monotonic() + instant
        victim = None
        while child.poll() is None and victim is None:
            if time.monotonic() < deadline:
                time.sleep(min(0.005, max(0, deadline - time.monotonic())))
            else:
                victim = find_victim(kind, child.pid, self.draw)
        if victim is not None:
            try:
                os.kill(victim, signal.SIGKILL)
                self.counts[kind] += 1
            except ProcessLookupError:
                victim = None
        run = next(iter((self.folder / "output/k").glob("*")), None)
        before = finished_trials(run) if run else {}
        child.wait(PATIENCE_S * 4)
        return kind if victim else None, before

    def resume(self, kind, run):
        child = self.start("--resume", run)
        status = child.wait(PATIENCE_S * 4)
        said = (self.folder / "said").read_text(errors="replace")
        assert status == 0, f"--resume ended with {status} after {kind}: {said}"
        run = next((self.folder / "output/k").glob("*"))
        results = json.loads((run / "results.json").read_text())
        assert len(results["trials"]) == 3 and results["summary"]["ok"] == 3, said
        self.counts["resumed"] += 1
        return run

    def round(self, number):
        before = surroundings(self.folder)
        kind, finished = self.kill_one()
        until(lambda: not marked(self.mark), "processes of the run to be gone")
        assert surroundings(self.folder) == before, "something is left outside"
        run = next(iter((self.folder / "output/k").glob("*")), None)
        self.counts["finished_trials"] += len(finished)
        if run:
            check_trials(run, finished)
            killed_outside = kind == "labctl"
            assert killed_outside or (run / "results.json").exists(), f"{kind}: no results"
            if kind in ("labctl", "first") and number % 2 == 0 and (run / "experiment.json").exists():
                check_trials(self.resume(kind, run), finished)
        shutil.rmtree(self.folder / "output", ignore_errors=True)
        return kind is not None


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    labctl = os.path.abspath(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.randrange(1 << 32)
    print(f"seed {seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="labctl-kills.") as name:
        rounds = Rounds(labctl, pathlib.Path(name), seed)
        rounds.measure()
        number = 0
        while number < count:  # a round in which the run was over before counts for nothing
            try:
                number += rounds.round(number + 1)
            except AssertionError as error:
                sys.exit(f"round {number + 1} of {count}, seed {seed}: {error}")
    print(f"{count} kills, a run takes {rounds.duration:.2f} s;",
          ", ".join(f"{key} {value}" for key, value in rounds.counts.items()))


if __name__ == "__main__":
    main()
