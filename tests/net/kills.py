"""kill -9, at random instants: nothing is left, and nothing that was finished is lost.

Each round starts labctl, kills one victim at an instant drawn from the seed (labctl, the first
process of a sandbox, a node program or a node's shell, each as often as the others) and looks:
no process, interface, mount or temporary file is there that was not; every trial that had ended
well is there with the files it received. A namespace lives as long as one of these holds it.

What is run is one of three. The endless run has more trials than anybody waits for: it ends
because of the kill, which it has to name, or not at all. The short run and the sweep can be over
before the kill: the round is then drawn again. They are completed by `labctl run --resume` after
labctl or a first process was killed.

Some rounds are under way at a time, each in a folder of its own. A round is drawn from the seed and
its number only, so a round that failed can be repeated by itself.

Usage: kills.py LABCTL [ROUNDS [SEED [ROUND]]]     (20 rounds; the seed is printed; only ROUND)
"""

import concurrent.futures
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
import threading
import time

FILE = {"size": "200kB", "seed": 7}
# One of them is drawn for each round.
WORKLOADS = [
    {"model": "p2p", "file": FILE},
    {"model": "cs", "file": FILE},
    {"model": "exec", "file": FILE, "server_command": ["sleep", "100"],
     "client_command": ["sh", "-c", "sleep 0.02; cp {file} {output}"]},
]
SHORT = {
    "topology": {"hosts": 2, "link": {"up": "100Mbit", "down": "100Mbit"}},
    "trials": 3, "timeout": "20s",
}
EXPERIMENTS = {
    "short": SHORT,
    "endless": {**SHORT, "trials": 9999},
    "sweep": {**SHORT, "trials": 1, "sweep": {"/topology/hosts": [1, 2, 3]}},
}
TRIALS = {"short": 3, "sweep": 3}
PROGRAMS = (b"_server", b"_client", b"_peer")
VICTIMS = ["labctl", "first", "node", "shell"]
# What the rounds are, over and over: each kind of victim as often as the others.
DECK = [(plan, victim) for plan in EXPERIMENTS for victim in VICTIMS
        if plan == "endless" or victim in ("labctl", "first")]
DECK += [("endless", victim) for victim in VICTIMS + 2 * ["node", "shell"] + VICTIMS]
TOLD = {  # one of these is in what labctl says, or in its results
    "first": ["the first process of the sandbox was ended by signal 9",
              "the first process of the sandbox ended before it was set up"],
    "node": ["ended by signal 9", "killed by signal 9"],
    "shell": ["the shell of a node has ended",
              "a process that the network needs to be built was killed",
              "its exit status is not known"],  # the shell's child that waits for a program
}
UNTOLD_SHARE = 0.1  # some moments have words of their own, and an error in any case
PATIENCE_S = 60
GOES_ON_S = 15  # longer than nodes wait for one that is gone
AT_A_TIME = 4


def read(path):
    try:
        return pathlib.Path(path).read_bytes()
    except OSError:
        return b""


def numbers():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def marked(mark):
    """Processes of the round: they inherit a mark in their environment."""
    return [pid for pid in numbers() if mark in read(f"/proc/{pid}/environ").split(b"\0")]


def identity(pid):
    """What no other process has, though its number were the same; None when it is dead."""
    rest = read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
    return (pid, rest[19]) if rest and rest[0] not in (b"Z", b"X") else None


def children(pid):
    return [int(child) for child in read(f"/proc/{pid}/task/{pid}/children").split()]


def below(pid):
    found = children(pid)
    for child in found:
        found.extend(children(child))
    return found


def is_first(pid):
    """The first one of its PID namespace; labctl has other children for a moment."""
    for line in read(f"/proc/{pid}/status").splitlines():
        if line.startswith(b"NSpid:"):
            return len(line.split()) > 2 and line.split()[-1] == b"1"
    return False


def is_kind(kind, pid):
    words = read(f"/proc/{pid}/cmdline")
    if kind == "shell":
        return b"mininet:" in words
    if not words.split(b"\0")[0].endswith(PROGRAMS):
        return False
    # At its end a sanitized program starts one of its own name, and waits for it in vain if
    # that one is killed.
    parent = read(f"/proc/{pid}/stat").rpartition(b")")[2].split()[1:2]
    return bool(parent) and is_kind("shell", int(parent[0]))


def find_victim(kind, labctl, draw):
    """The process to be killed, or None when there is none of that kind at this instant."""
    if kind == "labctl":
        return labctl
    if kind == "first":
        candidates = [pid for pid in children(labctl) if is_first(pid)]
    else:
        candidates = [pid for pid in below(labctl) if is_kind(kind, pid)]
    candidates = [pid for pid in candidates if identity(pid)]
    return draw.choice(candidates) if candidates else None


def until(condition, what):
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited in vain: {what}")
        time.sleep(0.02)


def trials_below(run):
    return [log.parent.parent for place in ("", "cells/*/")
            for log in run.glob(f"{place}trials/*/logs/labctl.jsonl")]


def finished_trials(run):
    """The trials of a run directory whose log says that they ended well."""
    found = {}
    for trial in trials_below(run):
        lines = read(trial / "logs/labctl.jsonl").decode(errors="replace").splitlines()
        events = [json.loads(line) for line in lines if line.endswith("}")]
        if any(e["event"] == "end" and e["status"] == "ok" for e in events):
            found[trial.relative_to(run)] = events[0]["file_sha256"]
    return found


def check_trials(run, before):
    """All that was finished before is still there, whole."""
    after = finished_trials(run)
    for trial, digest in before.items():
        assert after.get(trial) == digest, f"trial {trial} is lost"
        received = list((run / trial / "recv").glob("*/file.bin"))
        assert received, f"{trial} has no file"
        for file in received:
            assert hashlib.sha256(file.read_bytes()).hexdigest() == digest, f"{file} is damaged"


class Round:
    """One run and its victim, in a folder of its own."""

    def __init__(self, rounds, number, name):
        self.rounds, self.folder = rounds, rounds.folder / name
        self.plan, self.kind = DECK[number % len(DECK)]
        self.draw = random.Random(f"{rounds.seed} {name}")
        self.mark = f"LABCTL_KILLS={rounds.folder.name}-{name}".encode()
        key, value = self.mark.decode().split("=")
        self.environment = {**os.environ, key: value, "TMPDIR": str(self.folder / "tmp")}
        (self.folder / "tmp").mkdir(parents=True)
        experiment = {"name": self.plan, "workload": self.draw.choice(WORKLOADS),
                      **EXPERIMENTS[self.plan]}
        (self.folder / "k.json").write_text(json.dumps(experiment))

    def said(self):
        return (self.folder / "said").read_text(errors="replace")

    def run_dir(self):
        return next(iter((self.folder / "output" / self.plan).glob("*")), None)

    def look(self, what, nothing):
        """what(run directory), which may get its final name meanwhile."""
        while True:
            run = self.run_dir()
            try:
                return what(run) if run else nothing
            except FileNotFoundError:
                pass

    def finished(self):
        """What has ended well by now."""
        return self.look(finished_trials, {})

    def begun(self):
        return len(self.look(trials_below, []))

    def surroundings(self):
        """What must be the same afterwards."""
        mounts = [line.split()[4] for line in read("/proc/self/mountinfo").decode().splitlines()]
        return sorted(os.listdir("/sys/class/net")), mounts, sorted(os.listdir(self.folder / "tmp"))

    def start(self, *words):
        jobs = ["--jobs", "2"] if self.plan == "sweep" else []
        with open(self.folder / "said", "w") as said:
            return subprocess.Popen([self.rounds.labctl, "run", "--quiet", *jobs, *words],
                                    cwd=self.folder, env=self.environment, stdout=said,
                                    stderr=said, start_new_session=True)

    def complete(self):
        """How long it takes without a kill."""
        began = time.monotonic()
        assert self.start("k.json").wait(PATIENCE_S) == 0, f"a run without kills: {self.said()}"
        return time.monotonic() - began

    def let_finish(self, labctl, trials):
        """However slow the machine is, some kills come when there is something to be lost."""
        while labctl.poll() is None and len(self.finished()) < trials:
            time.sleep(0.02)

    def strike(self, labctl, instant):
        """Kill the victim when its time has come. False: the run was over before."""
        victim = None
        while victim is None and labctl.poll() is None:
            wait = instant - time.monotonic()
            victim = find_victim(self.kind, labctl.pid, self.draw) if wait <= 0 else None
            if victim is None:
                time.sleep(min(0.005, max(0.001, wait)))
        if victim is None:
            return False
        # Whoever is there just before; those that are started meanwhile inherit the mark.
        self.seen = [identity(pid) for pid in [labctl.pid, *below(labctl.pid)]]
        try:
            os.kill(victim, signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def end(self, labctl):
        """Its status. A program, or a shell's child, that was about to exit when it was killed may
        change nothing: when the run is trials ahead of it, another one is killed."""
        while True:
            trials = self.begun()
            try:
                return labctl.wait(GOES_ON_S)
            except subprocess.TimeoutExpired:
                goes_on = (self.kind in ("node", "shell")
                           and self.begun() > trials + 1)
                assert goes_on, f"no end without its {self.kind}"
                self.strike(labctl, time.monotonic())

    def check_end(self, status):
        """Whether the kill brought the end about, and whether the end was told in its words."""
        if self.kind == "labctl":
            return status == -signal.SIGKILL, True
        if self.plan != "endless" and status == 0:  # it was over before
            return False, False
        assert status == 1, f"status {status}: {self.said()}"
        results = [read(path).decode() for path in self.folder.glob("output/*/*/**/results.json")]
        told = " ".join([self.said(), *results])
        assert "labctl: " in told or '"error"' in told, f"no error: {told}"
        return True, any(words in told for words in TOLD[self.kind])

    def resume(self, finished):
        status = self.start("--resume", self.run_dir()).wait(PATIENCE_S)
        assert status == 0, f"--resume ended with {status}: {self.said()}"
        run = self.run_dir()
        assert json.loads(read(run / "results.json"))["status"] == "ok", self.said()
        assert len(finished_trials(run)) == len(trials_below(run)) == TRIALS[self.plan]
        check_trials(run, finished)

    def go(self, share):
        """Returns the counts that it adds to, none when there was nothing to be killed."""
        before, began = self.surroundings(), time.monotonic()
        labctl = self.start("k.json")
        if self.plan == "endless":
            self.let_finish(labctl, self.draw.choice([0, 0, 1, 2]))
        struck = self.strike(labctl, time.monotonic() + share * self.rounds.durations[self.plan])
        finished = self.finished()
        status = self.end(labctl)
        if not struck:
            self.rounds.durations[self.plan] = time.monotonic() - began
            return {}
        until(lambda: not marked(self.mark), "processes of the run to be gone")
        until(lambda: not any(who and identity(who[0]) == who for who in self.seen),
              "processes to be gone that have no mark")
        assert self.surroundings() == before, "something is left outside"
        hit, told = self.check_end(status)
        if not hit:
            return {}
        counts = {self.kind: 1, self.plan: 1, "finished trials": len(finished)}
        if not told:
            print(f"round {self.folder.name}, {self.kind}, says: {self.said()[-500:]}")
            counts["untold"] = 1
        if self.run_dir():
            assert self.kind == "labctl" or (self.run_dir() / "results.json").exists(), "no results"
            check_trials(self.run_dir(), finished)
            if self.is_resumable():
                self.resume(finished)
                counts[f"resumed {self.plan}"] = 1
        return counts

    def is_resumable(self):
        return self.plan in TRIALS and (self.run_dir() / "experiment.json").exists()


class Rounds:
    def __init__(self, labctl, folder, seed):
        self.labctl, self.folder, self.seed = labctl, folder, seed
        self.durations, self.counts, self.lock = {}, {}, threading.Lock()

    def measure(self):
        """How long runs take here, several at a time: instants are drawn from all of it."""
        with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
            for number, (plan, _) in enumerate(DECK):
                if plan in TRIALS:
                    self.durations[plan] = pool.submit(Round(self, number, f"m{number}").complete)
        self.durations = {plan: run.result() for plan, run in self.durations.items()}
        self.durations["endless"] = self.durations["short"] / TRIALS["short"]

    def count(self, what):
        with self.lock:
            for key, value in what.items():
                self.counts[key] = self.counts.get(key, 0) + value

    def round(self, number):
        """Until it hits: what it hit is told by its counts."""
        for attempt in range(100):
            one = Round(self, number, f"{number}-{attempt}")
            try:
                counts = one.go(one.draw.uniform(0, 0.9))
            except AssertionError as error:
                raise AssertionError(f"round {number}, {one.kind} of {one.plan}: {error}") from None
            shutil.rmtree(one.folder)
            self.count(counts or {"missed": 1})
            if counts:
                return
        raise AssertionError(f"round {number}: no {one.kind} is ever hit")


def check_counts(counts, rounds):
    """That all kinds of runs and victims were hit as often as they were drawn."""
    for what in [*EXPERIMENTS, *VICTIMS]:
        drawn = sum(what in DECK[number % len(DECK)] for number in range(rounds))
        assert counts.get(what, 0) == drawn, f"{what}: {counts.get(what, 0)} of {drawn} hit"
    assert counts.get("untold", 0) <= UNTOLD_SHARE * rounds, "the end is not told of as it should"
    if rounds >= 5 * len(DECK):
        assert counts["finished trials"] >= rounds / 10, "kills come before anything is finished"
        for plan in TRIALS:
            assert counts[f"resumed {plan}"] >= rounds / 50, f"{plan} is hardly resumed"


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    labctl = os.path.abspath(sys.argv[1])
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.randrange(1 << 32)
    chosen = [int(sys.argv[4])] if len(sys.argv) > 4 else range(rounds)
    print(f"seed {seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="labctl-kills.") as name:
        kills = Rounds(labctl, pathlib.Path(name), seed)
        try:
            kills.measure()
            began = time.monotonic()
            with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
                under_way = [pool.submit(kills.round, number) for number in chosen]
                for one in concurrent.futures.as_completed(under_way):
                    if one.exception():
                        pool.shutdown(wait=False, cancel_futures=True)
                    one.result()
            took = time.monotonic() - began
            if len(chosen) == rounds:
                check_counts(kills.counts, rounds)
        except AssertionError as error:
            sys.exit(f"seed {seed}: {error}")
    print(f"{len(chosen)} kills in {took:.0f} s;",
          ", ".join(f"{key} {value}" for key, value in sorted(kills.counts.items())))


if __name__ == "__main__":
    main()
