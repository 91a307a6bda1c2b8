#!/usr/bin/env python3
"""A peer that means no good, written against docs/protocol.md.

usage: nodes_hostile.py SERVER PORT OWN_ADDRESS [accuse|trickle]

It joins, asks for blocks, and passes every block on with one bit changed. It prints
"broken N" for each block it spoiled, and leaves when nobody gives it work any more. With
"accuse" it says instead of every peer it hears of that it sent a broken block.

With "trickle" it passes on what it was given, as promised, but a byte every tenth of a second. It
takes whatever it is sent, and shows every sign of life. It prints "trickles BLOCK ADDRESS" when it
begins with one, and "whole BLOCK ADDRESS" when that is over.
"""
import socket
import struct
import sys
import threading
import time

VERSION = 4
LENGTH_ASK, PART_ASK, HAVE = 16, 17, 18
FILE_LENGTH, DIGESTS, PEERS, SHARE, OVER = 32, 33, 34, 36, 38
FILE_PART, PEER_HELLO = 48, 49
ANY = 0xFFFFFFFF


def message(kind, fields=(), words=(), payload=b""):
    body = struct.pack(f">{len(fields) + len(words)}I", *fields, *words) + payload
    return struct.pack(">IBBH", len(body), VERSION, kind, len(words)) + body


def receive(sock, size):
    data = b""
    while len(data) < size:
        piece = sock.recv(size - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


def read_message(sock):
    length, _, kind, count = struct.unpack(">IBBH", receive(sock, 8))
    return kind, count, receive(sock, length)


def spoil(block, data, address, own, own_address, port):
    bad = bytes([data[0] ^ 1]) + data[1:]
    try:
        with socket.create_connection(address, 5, (own_address, 0)) as peer:
            peer.sendall(message(PEER_HELLO, (own, port)))
            peer.sendall(message(FILE_PART, (block, len(bad)), payload=bad))
            print("broken", block, flush=True)
            peer.recv(1)  # it closes
    except OSError:
        pass


def in_background(function, *args):
    threading.Thread(target=function, args=args, daemon=True).start()


def say(line):
    """In one piece, as there are others who say something."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def trickle(block, data, address, own, own_address, port):
    try:
        with socket.create_connection(address, 5, (own_address, 0)) as peer:
            peer.sendall(message(PEER_HELLO, (own, port)))
            whole = message(FILE_PART, (block, len(data)), payload=data)
            peer.sendall(whole[:-len(data)])
            say(f"trickles {block} {address[0]}")
            for byte in data:
                peer.sendall(bytes([byte]))
                time.sleep(0.1)
            say(f"whole {block} {address[0]}")
    except OSError:
        pass


def swallow(sock):
    while sock.recv(65536):
        pass


def take_all(listener):
    while True:
        in_background(swallow, listener.accept()[0])


def live(sock):
    """The signs of one that promised to pass something on."""
    while True:
        sock.sendall(message(HAVE, (1, 1000)))
        time.sleep(0.2)


def main():
    server, port, address = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    accuse, trickles = sys.argv[4:] == ["accuse"], sys.argv[4:] == ["trickle"]
    listener = socket.create_server((address, port))
    sock = socket.create_connection((server, port), source_address=(address, 0))
    sock.settimeout(3)
    sock.sendall(message(LENGTH_ASK, (port,)))
    own, peers, blocks = None, {}, {}
    try:
        while True:
            kind, count, body = read_message(sock)
            whole = len(body) // 4
            words = struct.unpack_from(f">{whole}I", body)
            if kind == FILE_LENGTH:
                own = words[6]
            elif kind == DIGESTS and words[0] == 0 and not accuse:  # now work can be asked for
                sock.sendall(message(PART_ASK, (ANY, own)) * 4)
                in_background(live, sock)
                if trickles:
                    in_background(take_all, listener)
            elif kind == PEERS:
                for i in range(count):
                    number, ip, at = words[3 * i : 3 * i + 3]
                    peers[number] = (socket.inet_ntoa(struct.pack(">I", ip)), at)
                    if trickles:
                        sock.sendall(message(PART_ASK, (ANY, own)))
                    if accuse:
                        sock.sendall(message(PART_ASK, (0, number)))
            elif kind == FILE_PART:
                blocks[words[0]] = body[8:]
                sock.sendall(message(HAVE, (0, 0), (words[0],)))
            elif kind == SHARE and trickles:
                for to in words[2 : 2 + count]:
                    in_background(trickle, words[0], blocks[words[0]], peers[to], own, address, port)
            elif kind == SHARE:
                for to in words[2 : 2 + count]:
                    spoil(words[0], blocks[words[0]], peers[to], own, address, port)
                sock.sendall(message(PART_ASK, (ANY, own)))
            elif kind == OVER:
                break
    except (EOFError, OSError):
        pass
    listener.close()


main()
