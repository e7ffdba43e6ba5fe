"""Row 1: CPU an attempt, sustained, keep-alive, 64 in flight, every attempt recorded and synced.

The daemon: JOBS jobs due together every PERIOD seconds. They go out 64 at a time (`MaxPerHost=`), so that calls are in
flight, 64 of them, all the time it works; in between it sleeps, which costs nothing. Its figure is the CPU of the
whole process, all threads, over whole periods: schedule, request, start and execution records, syncs, metrics.
The peer: bursts of as many calls, 64 in flight, by the bare loop, which records nothing and sends libcurl's own
headers only. Half a period apart from the daemon's, so that both see the same machine in the same seconds.
Connections are open, and both warm, before the measurement begins; each side has a server of its own."""

import sys
import time

from build import Failed
from measure import Daemon, Peer, Server, job, sleep_until
from report import Line

JOBS = 10_000
PERIOD = 4
BURSTS = 5
LIMIT = 64


def run(bench):
    with (bench.directory() as directory, Server(bench) as server, Server(bench) as peer_server,
          Peer(bench, peer_server.port, LIMIT) as peer):
        jobs = {f"job{n}": job(f"Every={PERIOD}s", server.port, n) for n in range(1, JOBS + 1)}
        with Daemon(bench, directory, jobs, [f"MaxPerHost={LIMIT}"]) as daemon:
            # Halfway between the peer's burst and the daemon's: a moment when neither works.
            quiet = (time.time() // PERIOD + 1) * PERIOD - PERIOD / 4
            _period(quiet, peer)
            pairs = []
            for pair in range(bench.pairs):
                begin = quiet + PERIOD * (1 + pair * BURSTS)
                pairs.append(_pair(begin, daemon, server, peer))
            daemon.stop()
            _check(server.count()[0], daemon.recorded(bench))
    return [Line(1, "CPU an attempt, 64 in flight, recorded and synced", "µs", [pair[0] * 1e6 for pair in pairs],
                 [pair[1] * 1e6 for pair in pairs], target="≤ 1.25×")]


def _pair(begin, daemon, server, peer):
    """CPU seconds a call of the daemon and of the peer, over BURSTS bursts of each."""
    sleep_until(begin)
    daemon_cpu, peer_cpu, (requests, connections) = daemon.cpu(), peer.cpu(), server.count()
    for burst in range(BURSTS):
        _period(begin + burst * PERIOD, peer)
    daemon_cpu, peer_cpu = daemon.cpu() - daemon_cpu, peer.cpu() - peer_cpu
    attempts, opened = (after - before for after, before in zip(server.count(), (requests, connections)))
    if attempts == 0:
        raise Failed(f"no call arrived; the daemon's log ends:\n{daemon.log_tail()}")
    if attempts != JOBS * BURSTS or opened > 0:
        print(f"  {attempts} calls of {JOBS * BURSTS} arrived, {opened} connections were opened anew", file=sys.stderr)
    return daemon_cpu / attempts, peer_cpu / (JOBS * BURSTS)


def _period(begin, peer):
    """From one quiet moment to the next: the daemon's burst comes by itself, the peer is told of its own."""
    peer.begin(JOBS, second=round(begin + PERIOD * 3 / 4))
    sleep_until(begin + PERIOD)
    peer.finish(JOBS)


def _check(arrived, recorded):
    if recorded is not None:
        print(f"  {arrived} calls arrived, {recorded} executions in the history", file=sys.stderr)
