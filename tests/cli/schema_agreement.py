"""The schema and the decoder agree, in both directions.

Every shipped experiment, and some ten thousand documents made from them by changing one thing
(a value of another type or out of range, a key added or taken away), is judged by the JSON
Schema and by `labctl check`. The two verdicts must be the same, but for what a schema
cannot say: those rules are named below, and such a document may be refused by labctl alone.
Each kind of place is changed once: all that are of one kind are decoded by the same code.

Usage: schema_agreement.py LABCTL EXPERIMENTS_DIR
"""

import concurrent.futures
import copy
import itertools
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import jsonschema

from json_places import at, places

# What labctl may say of a document that the schema accepts.
BEYOND_SCHEMA = [
    "from 100kbit to 40Gbit",  # a range of a quantity with a unit, and a bare one's finer limits
    "from 1KiB to 4MiB",
    "from 4KiB to 1GiB",
    "from 0B to 1024GiB", "from 0ns to 86400s", "expected a time above 0",
    "expected 0 (off) or a time from 1ms to 60s",
    "there is no host of this name", "expected the name of a host of the topology",
    "there is no client", "is the server", "router's name too",
    "is for the model \"cs\" alone", "needs a larger", "larger \"block_size\"",
    "expected a share above 0%", "is less than the", ": cell ", "is varied already", "a cell adds its number", ", as many as ",
    "from 16MiB to", "from 1MiB to", "cannot write",
    "nor is it \"server\"", "has no link of its own", "no program runs there",
    "is for the clients of the model", "no fault that kills it", "\"start\": \"sequential\"",
    "from 0% to 100%", "cannot read", "is no placeholder", "that belongs to no placeholder",
]

VALUES = [
    None, True, False, 0, 1, -1, 2.5, 1e6, 1e12, "", "x", "h1", "H1", "h2", "r1", "auto", "naive",
    "length", "together", "10Mbit", "10mbit", "10 Mbit", "10MBit", "1e3kbit", "0x10", "-1Mbit", "1bit",
    "64KiB", "4kB", "50MB", "1TB", "20ms", "0s", "1min", "0.5%", "200%", "nan", "inf", "10Mbit ",
    "p2p", "cs", [], ["h1"], ["h1", "h1"], [1], {}, {"x": 1}, {"stagger": "1ms"}, {"size": 3},
    {"path": "../README.md"}, {"path": ""}, {"size": "1kB", "path": "a"}, {"h1": {}},
    {"h1": {"framing": "naive"}}, {"h1": {"up": "1Mbit", "delay": "5ms", "loss": "1%"}},
    {"up": "1Mbit", "queue": "64KiB"}, {"down": 2e6}, ["{file}", "{{x}}"], ["{x}"], "exec",
    {"tcp": 80}, {"tcp": 0}, {"log": "on"}, {"log": ""}, {"delay": "1s"}, {"tcp": 80, "log": "a"},
    {"interval": "100ms"}, {"interval": 0}, {"congestion_control": "reno"},
    {"congestion_control": "-"}, {"A_1": "{host}"}, {"a/b": "c"}, {"": "c"}, {"1A": "x"}, {"A": 1}, 255, 256,
    {"memory": "1GB", "processes": 3, "file": "auto"}, {"processes": 0}, {"memory": 1}, [""],
    "server", "killed", "101%", {"h1": "killed"}, {"server": "failed"}, {"h1": "1s"},
    [{"at": "1s", "kill": "h1"}], [{"at": "50%", "link": "h1", "down_for": "1s"}],
    [{"at": 1, "link": "h1", "up": "1Mbit"}], [{"at": "0%", "pause": "server", "for": "1s"}],
    [{"at": "1s", "corrupt": "h1"}], [{"at": "1s", "kill": "h1", "for": "1s"}], [{"kill": "h1"}],
]


# Keys that no shipped experiment has, so that all values are tried for these too.
MORE = {
    "cs": {"warmup": 1, "folder": ".", "zip": [{"/workload/port": [5001, 5002]}],
           "until": {"ci": "5%", "max_trials": 9}, "telemetry": {"interval": "100ms"},
           "tcp": {"congestion_control": "reno"}, "writable": ["."], "limits": {}},
    "exec": {"limits": {"memory": "1GB", "processes": 9, "file": "auto"}},
}
MORE_OF_WORKLOAD = {
    "cs": {"port": 5001, "framing": "length", "start": {"stagger": "1ms"}},
    "exec": {"port": 5001, "expect_exit": 0, "output": True, "ready": {"delay": "1s"}},
}
MORE_OF_LINK = {"delay": "5ms", "loss": "1%"}


def with_more(documents, model):
    """The first document of the model, with all keys that are MORE."""
    document = next(d for d in documents if d["workload"]["model"] == model)
    document = copy.deepcopy(document) | MORE[model]
    document["workload"] |= MORE_OF_WORKLOAD[model]
    document["topology"].setdefault("link", {}).update(MORE_OF_LINK)
    return document


# What has names for keys.
NAMED = {"links", "client_options", "expect", "join", "env", "needs", "sweep", "zip"}


def kind_of(document, path):
    """Places of one kind are decoded by the same code."""
    steps = tuple("*" if isinstance(key, int) or (before and path[before - 1] in NAMED) else key
                  for before, key in enumerate(path))
    # Which keys a workload has goes by whether it names commands; all else is for every model.
    return steps, path[:1] == ("workload",) and document["workload"]["model"] == "exec"


def mutants(document, keys, seen, turns):
    """Documents that differ from `document` in one place, of a kind that was not `seen`."""
    for path in list(places(document)):
        kind = kind_of(document, path)
        if kind in seen:
            continue
        seen.add(kind)
        if path:
            for value in VALUES:
                changed = copy.deepcopy(document)
                at(changed, path[:-1])[path[-1]] = value
                yield changed
            changed = copy.deepcopy(document)
            del at(changed, path[:-1])[path[-1]]
            yield changed
        target = at(document, path)
        for key in keys if isinstance(target, dict) else ():
            # Most do not belong there, whatever their value; the others have their turn above.
            for value in itertools.islice(turns, 0 if key in target else 2):
                changed = copy.deepcopy(document)
                at(changed, path)[key] = value
                yield changed


def all_keys(schema):
    """Every property name that the schema knows anywhere."""
    keys = set()
    if isinstance(schema, dict):
        keys |= set(schema.get("properties", {}))
        for child in schema.values():
            keys |= all_keys(child)
    elif isinstance(schema, list):
        for child in schema:
            keys |= all_keys(child)
    return keys


def check(labctl, paths):
    done = subprocess.run([labctl, "check", "-q", *paths], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 2):
        raise RuntimeError(f"labctl check ended with {done.returncode}: {done.stderr[-2000:]}")
    return done.stderr


def judge(labctl, folder, documents):
    """What labctl check says of each document: "" when it accepts it."""
    paths = [folder / f"{number}.json" for number in range(len(documents))]
    for path, document in zip(paths, documents):
        path.write_text(json.dumps(document))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        parts = [paths[first:first + 200] for first in range(0, len(paths), 200)]
        said = "".join(pool.map(lambda part: check(labctl, part), parts))
    lines = {}
    for line in said.splitlines():
        line = line.removeprefix("labctl: ")
        lines.setdefault(line.split(":")[0], []).append(line)
    return ["\n".join(lines.get(str(path), [])) for path in paths]


def main():
    labctl, experiments = sys.argv[1], pathlib.Path(sys.argv[2])
    schema = json.loads((experiments / "experiment.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    shipped = [json.loads(path.read_text()) for path in sorted(experiments.rglob("*.json"))
               if not path.name.endswith(".schema.json")]
    shipped.sort(key=lambda document: len(json.dumps(document)))  # the small ones are soon judged
    shipped += [with_more(shipped, model) for model in MORE]
    originals = {json.dumps(d) for d in shipped}
    keys, seen, turns = sorted(all_keys(schema) | {"unknown", "Name"}), set(), itertools.cycle(VALUES)
    texts = originals | {json.dumps(d) for s in shipped for d in mutants(s, keys, seen, turns)}
    documents = [json.loads(text) for text in sorted(texts)]

    wrong, accepted, refused = [], 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for document, said in zip(documents, judge(labctl, pathlib.Path(folder), documents)):
            valid = validator.is_valid(document)
            beyond = said and all(any(rule in line for rule in BEYOND_SCHEMA)
                                  for line in said.strip().splitlines())
            accepted += not said
            refused += bool(said)
            if json.dumps(document) in originals and (said or not valid):
                wrong.append((document, said or "the schema refuses a shipped experiment"))
            elif valid and said and not beyond:
                wrong.append((document, f"the schema accepts, labctl says: {said}"))
            elif not valid and not said:
                reason = jsonschema.exceptions.best_match(validator.iter_errors(document)).message
                wrong.append((document, f"labctl accepts, the schema says: {reason}"))
    for document, what in wrong[:10]:
        print(json.dumps(document), what, sep="\n  ")
    print(f"{len(documents)} documents, {accepted} accepted, {refused} refused, {len(wrong)} disputed")
    if wrong or accepted < 100 or refused < 100:
        sys.exit(1)


if __name__ == "__main__":
    main()
