"""Running labctl for a bench: experiments in, results out, memory watched on the way."""

import contextlib
import json
import pathlib
import shutil
import subprocess
import threading
import time

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent
PEERS = SOURCE / "experiments" / "peers"

FRAME_BYTES, PAYLOAD_BYTES = 1514, 1448  # of a full segment; MTU 1500, TCP timestamps


class Failed(Exception):
    """A run that did not end well; the message says how."""


def bound(size, server_up, clients):
    """Lower bound in seconds, headers counted, of sharing `size` bytes peer to peer (Kumar and
    Ross 2006). Rates in bit/s; `clients` are pairs of up and down."""
    total_up = server_up + sum(up for up, _ in clients)
    slowest_down = min(down for _, down in clients)
    fluid = max(size / server_up, size / slowest_down, len(clients) * size / total_up) * 8
    return fluid * FRAME_BYTES / PAYLOAD_BYTES


def ready_made(name):
    """One of experiments/peers/, so that it can be changed and run from elsewhere."""
    text = (PEERS / f"{name}.json").read_text().replace("{folder}", str(PEERS))
    experiment = json.loads(text)
    del experiment["$schema"]
    return experiment


def read_events(log, *names):
    """The events of a log that have one of the names."""
    events = (json.loads(line) for line in log.read_text().splitlines())
    return [event for event in events if event["event"] in names]


class MemoryWatch(threading.Thread):
    """The most memory that each program of a run had resident: VmHWM in /proc/PID/status,
    read from outside while it runs. The kernel keeps that mark, so it is enough to read it
    now and then; what a process takes in its very last INTERVAL may be missed."""

    INTERVAL = 0.05  # seconds

    def __init__(self, build, output):
        super().__init__(daemon=True)
        self.build, self.output = str(build), str(output)
        self.peaks = {}  # program: bytes
        self.done = threading.Event()

    def run(self):
        while not self.done.wait(self.INTERVAL):
            for process in pathlib.Path("/proc").glob("[0-9]*"):
                with contextlib.suppress(OSError):  # it may end meanwhile
                    self.look_at(process)

    def look_at(self, process):
        program = process.joinpath("exe").readlink()
        if not str(program).startswith(self.build):
            return
        # Node programs work in the run directory; another run of this build does not count.
        if program.name != "labctl" and not str(
                process.joinpath("cwd").readlink()).startswith(self.output):
            return
        for line in process.joinpath("status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                peak = int(line.split()[1]) * 1024
                self.peaks[program.name] = max(peak, self.peaks.get(program.name, 0))

    def stop(self):
        self.done.set()
        self.join()


class Run:
    """A finished run of one trial: results.json, the wall time, the memory."""

    def __init__(self, results, wall_s, peaks):
        self.trial = results["trials"][0]
        self.wall_s = wall_s
        self.peaks = peaks
        self.logs = pathlib.Path(results["run_dir"]) / "trials" / "001" / "logs"
        self.elapsed_s = self.measure_elapsed()

    @property
    def makespan_s(self):
        return self.trial["makespan_s"]

    @property
    def over_bound(self):
        return self.makespan_s / self.trial["bound"]["framed_s"]

    def measure_elapsed(self):
        """From the instant that clients were told to begin to the last one's end: the same
        measure for programs of ours and of others."""
        told = [event["planned"] for event in read_events(self.logs / "labctl.jsonl", "gate")]
        return self.trial["origin_ns"] / 1e9 + self.makespan_s - min(told) / 1e9


class Lab:
    """labctl of one build, and the folders it works in. `memory` is on a tmpfs."""

    def __init__(self, build, memory, disk):
        self.build = pathlib.Path(build).resolve()
        self.labctl = self.build / "labctl"
        self.memory = pathlib.Path(memory)
        self.disk = pathlib.Path(disk)
        self.number = 0

    @contextlib.contextmanager
    def run(self, experiment, on_disk=False, watch=False):
        """Run an experiment once; its run directory is there until the block ends."""
        self.number += 1
        folder = (self.disk if on_disk else self.memory) / f"run{self.number}"
        folder.mkdir()
        try:
            yield self.run_in(folder, experiment, watch)
        finally:
            shutil.rmtree(folder)

    def run_in(self, folder, experiment, watch):
        path = folder / "experiment.json"
        path.write_text(json.dumps({"name": "bench", "keep_files": False, "trials": 1,
                                    "timeout": "600s", **experiment}))
        watcher = MemoryWatch(self.build, folder)
        if watch:
            watcher.start()
        begin = time.monotonic()
        done = subprocess.run(
            [self.labctl, "run", "--json", "--quiet", "--output", folder / "output", path],
            check=False, capture_output=True, text=True)
        wall_s = time.monotonic() - begin
        if watch:
            watcher.stop()
        if done.returncode != 0:
            raise Failed(f"labctl ended with status {done.returncode}: {done.stderr.strip()}")
        return Run(json.loads(done.stdout), wall_s, watcher.peaks)
