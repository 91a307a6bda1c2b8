"""One member of a BitTorrent swarm, by libtorrent (Debian: python3-libtorrent).

    swarm.py seed FILE TORRENT IP PORT
    swarm.py peer OUTPUT TORRENT IP PORT SEED_IP PEERS

The seed writes TORRENT, with its process's number beside it, and says "seeding" once it
listens. A peer reads TORRENT and knows everybody's address from the start: no tracker, no
DHT, no discovery takes time. PEERS are the others, comma-separated; all use the same PORT.

A peer's process ends when its file is whole, since that is when its time is taken. What
shares the file is a process of its own, which goes on seeding until the seed is gone: a
finished peer helps the others, as in any swarm.
"""

import os
import select
import signal
import sys
import time

# Between 500 and 1000 pieces: fewer, and a peer has little to share while it downloads;
# more, and messages about pieces take over.
PIECES = 1000
PIECE_MIN, PIECE_MAX = 16 << 10, 1 << 20

# What differs from libtorrent's defaults: the fastest of some thirty combinations, tried with
# six peers on links of 100 Mbit/s and on links without limit. uTP, super-seeding, pieces four
# times as large or as small, fewer unchoke slots, longer or shorter request queues, and the
# defaults themselves were no faster.
SETTINGS = {
    # Everybody is known: nothing is searched for.
    "enable_dht": False,
    "enable_lsd": False,
    "enable_upnp": False,
    "enable_natpmp": False,
    # TCP, which the kernel carries: uTP's packets each cost a system call.
    "enable_incoming_utp": False,
    "enable_outgoing_utp": False,
    "in_enc_policy": 2,  # no encryption
    "out_enc_policy": 2,
    # Connect to all at once, and again soon when somebody was not there yet.
    "connection_speed": 500,
    "torrent_connect_boost": 255,
    "smooth_connects": False,
    "min_reconnect_time": 1,
    "max_failcount": 100,
    "allow_multiple_connections_per_ip": True,
    # Nobody waits to be served.
    "unchoke_slots_limit": -1,
    "unchoke_interval": 1,
    "seed_choking_algorithm": 0,  # in turn, so that all have pieces to give
    "tick_interval": 100,
    # Pipelines that are never empty.
    "max_out_request_queue": 1000,
    "max_allowed_in_request_queue": 4000,
    "request_queue_time": 1,
    "initial_picker_threshold": 0,
    "strict_end_game_mode": False,
    # Short send queues, or a piece waits behind others that somebody else could send sooner:
    # of all settings this made the most difference.
    "send_buffer_low_watermark": 32 << 10,
    "send_buffer_watermark": 128 << 10,
    "send_buffer_watermark_factor": 1000,
    "send_socket_buffer_size": 128 << 10,
    # Disk and hashing keep up.
    "max_queued_disk_bytes": 64 << 20,
    "aio_threads": 4,
    "hashing_threads": 2,
}


def open_session(address, port):
    import libtorrent as lt  # slow to load: only the process that shares needs it

    category = lt.alert.category_t
    settings = dict(SETTINGS, listen_interfaces=f"{address}:{port}", alert_mask=(
        category.error_notification | category.status_notification
        | category.storage_notification))
    return lt, lt.session(settings)


def make_torrent(lt, path):
    files = lt.file_storage()
    size = os.path.getsize(path)
    files.add_file(os.path.basename(path), size)
    piece = PIECE_MIN
    while piece < PIECE_MAX and size / piece > PIECES:
        piece *= 2
    torrent = lt.create_torrent(files, piece, lt.create_torrent.v1_only)
    lt.set_piece_hashes(torrent, os.path.dirname(path))
    return torrent.generate()


def seed(path, torrent, address, port):
    lt, session = open_session(address, port)
    described = make_torrent(lt, path)
    parameters = lt.add_torrent_params()
    parameters.ti = lt.torrent_info(described)
    parameters.save_path = os.path.dirname(path)
    parameters.flags = lt.torrent_flags.seed_mode | lt.torrent_flags.upload_mode
    handle = session.add_torrent(parameters)
    while not handle.status().is_seeding or not session.is_listening():
        time.sleep(0.01)
    with open(torrent + ".pid", "w", encoding="ascii") as stream:
        stream.write(str(os.getpid()))
    with open(torrent, "wb") as stream:
        stream.write(lt.bencode(described))
    print("seeding", flush=True)
    signal.pause()


def wait_for(session, handle, parent, kind, already):
    """Until an alert of that kind comes; ends this process when its parent was stopped."""
    while not already(handle):
        session.wait_for_alert(200)
        if any(isinstance(alert, kind) for alert in session.pop_alerts()):
            return
        if os.getppid() != parent:
            os._exit(1)


def share(output, torrent, address, port, others, parent):
    """Get the file; returns the session, which goes on sharing it."""
    lt, session = open_session(address, port)
    parameters = lt.add_torrent_params()
    parameters.ti = lt.torrent_info(torrent)
    parameters.save_path = os.path.dirname(output)
    parameters.renamed_files = {0: os.path.basename(output)}
    parameters.flags = lt.torrent_flags.default_flags & ~(
        lt.torrent_flags.auto_managed | lt.torrent_flags.paused)
    parameters.peers = [(other, port) for other in others]
    began = time.monotonic()
    handle = session.add_torrent(parameters)
    wait_for(session, handle, parent, lt.torrent_finished_alert,
             lambda handle: handle.status().is_seeding)
    handle.flush_cache()
    wait_for(session, handle, parent, lt.cache_flushed_alert, lambda handle: False)
    print(f"transfer {began:.6f} {time.monotonic():.6f}", flush=True)
    return session


def peer(output, torrent, address, port, seed_address, peers):
    parent = os.getpid()
    reader, writer = os.pipe()
    if os.fork() > 0:
        os.close(writer)
        sys.exit(0 if os.read(reader, 1) else 1)
    os.setsid()  # the process group of the command is ended together with it
    others = [seed_address] + [other for other in peers.split(",") if other]
    with open(torrent + ".pid", encoding="ascii") as stream:
        seed_process = os.pidfd_open(int(stream.read()))
    session = share(output, torrent, address, port, others, parent)
    os.write(writer, b"1")
    os.close(writer)
    select.select([seed_process], [], [])
    del session
    os._exit(0)


def main():
    role, path, torrent, address, port = sys.argv[1:6]
    if role == "seed":
        seed(path, torrent, address, int(port))
    else:
        peer(path, torrent, address, int(port), *sys.argv[6:8])


if __name__ == "__main__":
    main()
