"""Row 2: N jobs due in the same second: how long until the last call has arrived, at what CPU and memory.

The daemon: N jobs with `At=` that second. The peer: the bare loop, told to fire N a few seconds before or after, with
the same limit in flight. Both fresh each time, connections included, each with a server of its own. Time: from the
whole second to the arrivals that the server saw. CPU: from a second before to two after, or one after the last
arrival, so that the syncs are in it. Memory: the peak of the resident set above what the idle daemon had just before;
the peer's is its whole peak, since a program that fires once has no idle state worth subtracting."""

import time
from dataclasses import dataclass

from build import Failed
from measure import Daemon, Peer, Server, job, sleep_until
from report import Line

SIZES = (1_000, 10_000)
LIMIT = 64
APART = 5
TIMEOUT = 120


@dataclass
class Herd:
    """One herd's figures: seconds, seconds, seconds, bytes."""
    first: float
    last: float
    cpu: float
    memory: int


def run(bench):
    lines = []
    for size in SIZES:
        pairs = [_pair(bench, size, peer_first=pair % 2 == 1) for pair in range(bench.pairs)]
        lines += _lines(size, [pair[0] for pair in pairs], [pair[1] for pair in pairs])
    return lines


def _lines(size, daemon, peer):
    def line(what, unit, scale, read, target, digits=1):
        return Line(2, f"{size:,} due at once: {what}", unit, [read(herd) * scale for herd in daemon],
                    [read(herd) * scale for herd in peer], target=target, digits=digits)
    return [
        line("first arrival", "ms", 1e3, lambda herd: herd.first, ""),
        line("last arrival", "ms", 1e3, lambda herd: herd.last, "≤ 1.3×"),
        line("CPU", "ms", 1e3, lambda herd: herd.cpu, "≤ 1.5×"),
        line("peak memory above idle", "MB", 1e-6, lambda herd: herd.memory, "≤ 2× (peer: all of it)", digits=2),
    ]


def _pair(bench, size, peer_first):
    with (bench.directory() as directory, Server(bench) as server, Server(bench) as peer_server,
          Peer(bench, peer_server.port, LIMIT) as peer):
        # Soon, but not before ten thousand files are written and read.
        second = int(time.time()) + 10 + size // 1_000
        peer_second = second - APART if peer_first else second + APART
        at = time.strftime("At=%Y-%m-%dT%H:%M:%SZ", time.gmtime(second))
        jobs = {f"job{n}": job(at, server.port, n) for n in range(1, size + 1)}
        peer.begin(size, peer_second)
        with Daemon(bench, directory, jobs, [f"MaxPerHost={LIMIT}"]) as daemon:
            watches = [(second, lambda: _watch(daemon, server, second, size, above_idle=True)),
                       (peer_second, lambda: _watch(peer, peer_server, peer_second, size, above_idle=False))]
            herds = {due: watch() for due, watch in sorted(watches, key=lambda pair: pair[0])}
            peer.finish(size)
    return herds[second], herds[peer_second]


def _watch(process, server, second, size, above_idle):
    if time.time() > second - 1:
        raise Failed(f"{size} jobs were not loaded, or the herd before not over, a second before {second}")
    sleep_until(second - 1)
    process.forget_peak()
    cpu, idle = process.cpu(), process.memory() if above_idle else 0
    # Asking the server costs it a little: not before the herd can be over.
    sleep_until(second + 1)
    if not server.wait_for(size, TIMEOUT):
        raise Failed(f"{server.count()[0]} of {size} calls arrived in {TIMEOUT} s")
    time.sleep(1)
    at = server.arrivals().at
    return Herd(first=min(at) / 1e6 - second, last=max(at) / 1e6 - second, cpu=process.cpu() - cpu,
                memory=process.memory("VmHWM") - idle)
