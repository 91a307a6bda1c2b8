"""No text in an experiment file surprises anybody.

Every string and key of every shipped experiment is replaced by texts that mean something to
a shell, a path, a format, a terminal or a decoder, and every number by those that are too
large, too small or none. `labctl check` accepts such a document or refuses it with a line
that names the file; it ends with 0 or 2, writes no file, runs no command, sends the terminal
nothing but text, and takes no more than bounded time and memory.

Usage: hostile_experiments.py LABCTL EXPERIMENTS_DIR
"""

import copy
import json
import os
import pathlib
import random
import resource
import subprocess
import sys
import tempfile
import time

from json_places import at, places

TEXTS = [
    "../../../../../../../../tmp/pwned", "/etc/passwd", "a/b", "..", ".", "-rf", "--help",
    "'", '"', "a'; touch pwned; '", '"; touch pwned; "', "$(touch pwned)", "`touch pwned`",
    "${IFS}touch${IFS}pwned", "|touch pwned", "& touch pwned &", "> pwned", "*", "~root", "\\",
    "a\nb", "a\r\nb", "\ntouch pwned\n", "\t", "\x01", "\x07", "\x1b[2J\x1b]0;pwned\x07", "\x7f",
    "\x9b31m", "\u202egnp.exe", "\ufeff", "\u0000", "%s%s%n%x", "{file}{", "{{{{{", "}", "{}",
    " ", "", "\u00e9\u4e2d\U0001f600" * 20, "x" * 300, "x" * 100000, "h1", "r1", "con", "NaN",
]
# These are put in as they stand, and are no JSON, or no number that fits.
RAW = [
    b"NaN", b"Infinity", b"-Infinity", b"1e400", b"-1e400", b"1e-400", b"1e308", b"-0", b"-1",
    b"99999999999999999999999999", b"18446744073709551616", b"9007199254740993", b"0x10", b"01",
    b"+1", b".5", b"1.", b'"\xff\xfe"', b'"\xc0\xaf"', b'"\xed\xa0\x80"', b'"\xf4\x90\x80\x80"',
    b'"\\ud800"', b'"\\udc00\\ud800"', b'"\\u0000"', b'"\\x41"', b"'h1'", b'"a', b"[" * 2000,
    b"[" * 900 + b"]" * 900, b'{"a":' * 100000, b"null", b"/**/1", b"1,",
]
MARK = "@@@raw@@@"
DOCUMENTS_EACH = 150


def put(document, path, value):
    changed = copy.deepcopy(document)
    at(changed, path[:-1])[path[-1]] = value
    return changed


def rename(document, path, key):
    changed = copy.deepcopy(document)
    parent = at(changed, path[:-1])
    parent[key] = parent.pop(path[-1])
    return changed


def mutants(document):
    """(bytes of a document that has one hostile thing in it)"""
    for path in list(places(document)):
        if not path:
            continue
        if isinstance(at(document, path), str):
            for text in TEXTS:
                yield json.dumps(put(document, path, text)).encode()
        for raw in RAW:
            marked = json.dumps(put(document, path, MARK)).encode()
            yield marked.replace(f'"{MARK}"'.encode(), raw)
        if isinstance(path[-1], str):
            for text in TEXTS:
                yield json.dumps(rename(document, path, text)).encode()


def broken_files():
    """Files that are hardly documents at all."""
    yield from (b"", b" ", b"\n", b"null", b"[]", b'"x"', b"0", b"\xef\xbb\xbf{}", b"\0" * 100,
                b"\xff" * 1000, b"{" * 100000, b"[" * 1000000, b'{"a":' * 100000,
                b'{"name":' + b'"\\"' * 50000, os.urandom(100000), b"{}" * 1000, b"{}\0",
                b'{"name":"x","name":"x"}' + b" " * 1000000,
                b'{"topology":{' + b",".join(b'"k%d":1' % i for i in range(50000)) + b"}}",
                b'{"topology":{"hosts":[' + b",".join(b'"h%d"' % i for i in range(100000)) + b"]}}")


def snapshot(folder):
    return sorted(str(path) for path in folder.rglob("*"))


def check(labctl, folder, paths):
    """Run labctl check on some files; returns their verdicts and what was wrong with them."""
    begin = time.monotonic()
    done = subprocess.run([labctl, "check", *paths], cwd=folder, capture_output=True,
                          check=False, timeout=120)
    wrong = []
    if done.returncode not in (0, 2):
        wrong.append(f"ended with {done.returncode}: {done.stderr[-2000:]!r}")
    odd = {byte for byte in done.stderr + done.stdout if byte < 0x20 and byte != 0x0A or byte == 0x7F}
    said = done.stderr.decode("utf-8", "replace")
    if odd or any(0x80 <= ord(c) < 0xA0 for c in said):
        wrong.append(f"control characters for the terminal: {sorted(odd)}")
    if "\ufffd" in said:
        wrong.append("what it says is not valid UTF-8")
    if time.monotonic() - begin > 60:
        wrong.append("took more than a minute")
    refused = {path for path in paths if f"{path}:" in said or f"{path} " in said}
    return refused, wrong, done.returncode


def main():
    labctl, experiments = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
    shipped = [json.loads(path.read_text()) for path in sorted(experiments.rglob("*.json"))
               if not path.name.endswith(".schema.json")]
    chance = random.Random(5)
    documents = list(broken_files())
    for document in shipped:
        every = sorted(set(mutants(document)))
        documents += chance.sample(every, min(len(every), DOCUMENTS_EACH))
    problems, refused = [], 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        paths = [str(folder / f"{number}.json") for number in range(len(documents))]
        for path, data in zip(paths, documents):
            pathlib.Path(path).write_bytes(data)
        before = snapshot(folder)
        for first in range(0, len(paths), 100):
            some = paths[first:first + 100]
            out, wrong, status = check(labctl, folder, some)
            refused += len(out)
            if status == 2 and not out:
                wrong.append("refused without naming a file")
            problems += [f"{some[0]} and the next: {what}" for what in wrong]
        if snapshot(folder) != before:
            problems.append(f"files came or went: {set(snapshot(folder)) ^ set(before)}")
    if os.path.exists("/tmp/pwned"):
        problems.append("/tmp/pwned is there")
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    sanitized = b"__asan_init" in labctl.read_bytes()  # keeps what was freed
    if memory > (1500 if sanitized else 100):
        problems.append(f"{memory} MB of memory")
    print("\n".join(problems[:20]))
    print(f"{len(documents)} documents, {refused} refused, at most {memory} MB of memory")
    if problems or refused < len(documents) // 2:
        sys.exit(1)


if __name__ == "__main__":
    main()
