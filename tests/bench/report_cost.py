#!/usr/bin/env python3
"""What `labctl report` costs. As a test, of runs whose logs are short, where memory is the figure:

    report_cost.py LABCTL

It fails when a report of 200 trials takes more than 40 MB, whichever way they come: a fifth of what
the bench allows 1,000 of them.
"""

import dataclasses
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import made_runs

MEMORY_MOST = 40  # MB

# Of six hosts each: how many runs, and how many trials in each.
LAYOUTS = [(2, 100), (200, 1)]


@dataclasses.dataclass
class Cost:
    """Of one report: seconds, and the most memory of labctl or a program it started."""
    status: int
    seconds: float
    memory_mb: float


def measure(labctl, folder, *options):
    begin = time.monotonic()
    # Sanitizers keep what was freed, unless they are told not to.
    with subprocess.Popen([labctl, "report", *options, folder], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL,
                          env={**os.environ, "ASAN_OPTIONS": "quarantine_size_mb=1"}) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return Cost(process.returncode, time.monotonic() - begin, usage.ru_maxrss * 1024 / 1e6)


def main():
    failed = False
    for runs, trials in LAYOUTS:
        with tempfile.TemporaryDirectory(prefix="labctl-test.") as folder:
            made_runs.write_runs(folder, runs, trials, "brief")
            cost = measure(pathlib.Path(sys.argv[1]).resolve(), folder, "--format=csv,html,json")
            rows = pathlib.Path(folder, "report", "runs.csv").read_text().count("\n")
        print(f"{runs} runs of {trials}: {cost.memory_mb:.0f} MB, {cost.seconds:.1f} s")
        failed |= cost.status != 0 or cost.memory_mb > MEMORY_MOST or rows != 201
    return failed


if __name__ == "__main__":
    sys.exit(main())
