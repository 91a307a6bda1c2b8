#!/usr/bin/env python3
"""What the network can do to a node program, as tables.

usage: hostile.py attack MODEL SERVER PORT   every row of MODEL's table, each by a connection
       hostile.py expect MODEL               what the server's log must say, a line each
       hostile.py idle COUNT SERVER PORT     connect COUNT times and do nothing, until killed
       hostile.py visit SERVER PORT          ask a p2p_server for the file's length, and leave
       hostile.py ask_beyond SERVER PORT     ask it for a block long before that one's turn, and leave
       hostile.py flood COUNT SERVER PORT    connect COUNT times, and leave each time
       hostile.py serve ROW PORT             be a server of ROW's kind, for one client
       hostile.py servers                    a line for each such row: PROGRAM ROW CODE MESSAGE
"""
import os
import resource
import socket
import struct
import sys
import time

VERSION = 4
LENGTH, REQUEST, REPORT, LEAVE = 1, 2, 3, 4
LENGTH_ASK, PART_ASK, HAVE, RETURNED, TIME_CONSUME = 16, 17, 18, 19, 20
FILE_LENGTH, DIGESTS, PEERS, GONE, SHARE, RECALL, OVER = 32, 33, 34, 35, 36, 37, 38
FILE_PART, HELLO = 48, 49
ANY = 0xFFFFFFFF


def message(kind, body=b"", count=0, length=None, version=VERSION):
    length = len(body) if length is None else length
    return struct.pack(">IBBH", length, version, kind, count) + body


def u32(*words):
    return struct.pack(f">{len(words)}I", *words)


def u64(*words):
    return struct.pack(f">{len(words)}Q", *words)


JOIN = message(LENGTH_ASK, u32(4999))

# What is sent; how it ends (open: wait to be closed; cut: close our half; reset: RST);
# what the server's log must say of it.
BOTH = [
    (os.urandom(100000), "open", "message of "),
    (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "open", "message of version 47"),
    (b"\0" * 64, "open", "message of version 0"),
    (b"\xff" * 64, "open", "message of version 255"),
    (message(250), "open", "message of type 250, which is not expected"),
    (message(FILE_PART, u32(0, 4), length=12), "open", "message of type 48"),
    (message(OVER), "open", "message of type 38"),
    (b"\0\0\0", "cut", "closed the connection amid a message"),
    (b"\0\0\0", "reset", "the connection to .* broke: Connection reset"),
]
ATTACKS = {
    "cs": BOTH
    + [
        (message(REQUEST, u64(1, 0, 1), version=1), "open", "message of version 1, expected 4"),
        (message(REQUEST, u64(1, 0, 1), length=ANY), "open", "of 4294967295 bytes, expected 24"),
        (message(REQUEST, u64(1, 0, 1), count=9), "open", "with 9 entries, at most 0 fit"),
        (message(REQUEST, u64(1, 0, 1 << 40)), "open", "a request for 1099511627776 bytes at 0"),
        (message(REQUEST, u64(1, 2, (1 << 64) - 1)), "open", "bytes at 2 of a file of"),
        (message(REQUEST, u64(1, 0, 1)), "open", "one more client than the"),
        (message(REPORT, u64(1, 1)), "open", "a report out of turn"),
        (message(LEAVE, u64(1)), "open", "a leave out of turn"),
        (message(REQUEST, u64(1, 0, 1))[:20], "cut", "closed the connection amid a message"),
    ],
    "p2p": BOTH
    + [
        (message(HAVE, u32(0, 0), 65535, length=8), "open", "with 65535 entries, at most"),
        (message(HAVE, u32(0, 0, 1), 2), "open", "a `have` message of 12 bytes, expected 16"),
        (message(PART_ASK, u32(ANY, 0)), "open", "before the file's length is known"),
        (message(LENGTH_ASK, u32(0)), "open", "asked twice, or without a port"),
        (message(LENGTH_ASK, u32(70000)), "open", "asked twice, or without a port"),
        # From here on each has a peer's number.
        (JOIN + JOIN, "open", "asked twice, or without a port"),
        (JOIN + message(PART_ASK, u32(1 << 30, 0)), "open", "block 1073741824 of "),
        (JOIN + message(HAVE, u32(0, 0, ANY), 1), "open", "says it has block 4294967295"),
        (JOIN + message(RETURNED, u32(0, 0, 0, 77), 1), "open", "returned block 0 for peer 77"),
        (JOIN + message(HELLO, u32(1)), "open", "message of type 49"),
        (JOIN + message(PART_ASK, u32(ANY, 0)), "reset", "left before it had the file"),
    ],
}

# Servers that mean no good: what they say to each connection; whether they then close it; the
# program that is their victim; the code and words of its error.
SERVERS = {
    "garbage": ("cs_client", os.urandom(4) + b"\x63" + os.urandom(2) + b"\x99" * 5000, False, "protocol", "message of version"),
    "huge": ("cs_client", message(LENGTH, u64(1 << 63)), False, "protocol", "a file of 9223372036854775808"),
    "mute": ("cs_client", b"", True, "protocol", "before it told the file's length"),
    "short": ("cs_client", message(LENGTH, u64(10000)) + b"x" * 10, True, "truncated", "of 10000 bytes"),
    "request": ("cs_client", message(REQUEST, u64(1, 0, 1)), False, "protocol", "type 2"),
    "p2p-lies": (
        "p2p_peer",
        message(FILE_LENGTH, u64(1 << 60) + u32(1024, 0, 0, 3, 0, 1, 2, 3, 4), 1),
        False,
        "protocol",
        "blocks",
    ),
    "p2p-before": (
        "p2p_peer",
        message(FILE_LENGTH, u64(2048) + u32(1024, 0, 0, 2, 0, 1, 2, 3, 4), 1)
        + message(DIGESTS, u32(0, 1, 2, 3, 4), 1)
        + message(FILE_PART, u32(1, 1024) + b"x" * 1024),
        False,
        "node_failed",
        "the server is gone, and no peer that is left has 2 of 2 blocks",
    ),
    "p2p-early": ("p2p_peer", message(FILE_PART, u32(0, 4) + b"xxxx"), False, "protocol", "block 0 of 0 came"),
}


def attack(server, port, row):
    data, end, _ = row
    with socket.create_connection((server, port), 10) as sock:
        try:
            if data.startswith(JOIN):
                sock.sendall(data[: len(JOIN)])
                sock.recv(1)  # it knows us
                data = data[len(JOIN) :]
            sock.sendall(data)
            if end == "cut":
                sock.shutdown(socket.SHUT_WR)
            elif end == "reset":
                time.sleep(0.2)
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            while sock.recv(65536):
                pass
        except ConnectionError:
            pass


def idle(count, server, port):
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    held = []
    for _ in range(count):
        try:
            held.append(socket.create_connection((server, port), 5))
        except OSError:
            time.sleep(0.01)
    print("idle", len(held), flush=True)
    time.sleep(600)


def visit(server, port):
    with socket.create_connection((server, port), 5) as sock:
        sock.sendall(JOIN)
        sock.recv(1)


def ask_beyond(server, port):
    """As the first peer of all, for a block of which not even the digest is told by then."""
    with socket.create_connection((server, port), 5) as sock:
        sock.sendall(JOIN)
        sock.recv(1)
        sock.sendall(message(PART_ASK, u32(1900, 0)))
        time.sleep(0.3)


def flood(count, server, port):
    for _ in range(count):
        with socket.create_connection((server, port), 5):
            pass


def serve(name, port):
    _, data, closes, _, _ = SERVERS[name]
    listener = socket.create_server(("0.0.0.0", port))
    print("ready", flush=True)
    held = []
    while True:
        sock, _ = listener.accept()
        sock.sendall(data)
        if closes:
            sock.shutdown(socket.SHUT_WR)
        held.append(sock)


def main():
    what, args = sys.argv[1], sys.argv[2:]
    if what == "attack":
        for row in ATTACKS[args[0]]:
            attack(args[1], int(args[2]), row)
    elif what == "expect":
        print("\n".join(row[2] for row in ATTACKS[args[0]]))
    elif what == "flood":
        flood(int(args[0]), args[1], int(args[2]))
    elif what == "visit":
        visit(args[0], int(args[1]))
    elif what == "ask_beyond":
        ask_beyond(args[0], int(args[1]))
    elif what == "idle":
        idle(int(args[0]), args[1], int(args[2]))
    elif what == "serve":
        serve(args[0], int(args[1]))
    else:
        for name, (program, _, _, code, words) in SERVERS.items():
            print(program, name, code, words)


main()
