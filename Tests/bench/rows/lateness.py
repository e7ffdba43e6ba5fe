"""Row 3: how late one call a second arrives, with nothing else to do.

Both in the same minute, half a second apart, so that they see the same machine: the daemon's job is due at each whole
second, the peer's timer fires in the middle of it. The server ends every connection, so that each call of either side
pays for a fresh one."""

import os
import subprocess
import time

from measure import Daemon, Process, Server, job
from report import Line, percentile

SAMPLES = 60
DAEMON, PEER = 1, 2
PEER_OFFSET = 500_000


def run(bench):
    daemon, peer = [], []
    for _ in range(bench.pairs):
        late = _minute(bench)
        daemon.append(late[DAEMON])
        peer.append(late[PEER])
    return [
        Line(3, f"lateness of one call a second, p{share}", "ms",
             [percentile(late, share) / 1e3 for late in daemon], [percentile(late, share) / 1e3 for late in peer],
             compare="difference", target=target, digits=3)
        for share, target in ((50, ""), (99, "+ 0.3 ms"))]


def _minute(bench):
    """Lateness of each call in microseconds, by its number."""
    with bench.directory() as directory, Server(bench, "--close") as server:
        jobs = {"tick": job("Every=1s", server.port, DAEMON)}
        with Daemon(bench, directory, jobs):
            time.sleep(2)
            server.reset()
            command = [os.path.join(bench.peers, "peer-lateness"), str(server.port), str(SAMPLES),
                       str(PEER_OFFSET // 1_000)]
            with Process(command, stdout=subprocess.DEVNULL) as peer:
                peer.process.wait()
            arrivals = server.arrivals()
    late = {DAEMON: [], PEER: []}
    for at, number in zip(arrivals.at, arrivals.number):
        # Within half a second of the moment it was due, so that one that came early would show as negative.
        offset = PEER_OFFSET if number == PEER else 0
        late[number].append((at - offset + 500_000) % 1_000_000 - 500_000)
    return late
