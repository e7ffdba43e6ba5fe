"""The real daemon, with load, rotation, compaction, reload and drain, killed at its I/O calls, and with a disk that
fails at them; judged by the server's log."""

import collections
import functools
import signal
import subprocess

import scale
from daemon import check
from load import Bench
from shim import Shim
from suite import test
from test_faults import FAULTS, LASTING, fault

SIGKILL = -9
# Of these kinds there are hundreds in a life.
FREQUENT = ("pwrite", "fdatasync", "pread", "read-open")


def live(bench, shim):
    """A life of the daemon: load over rotations and a compaction, a reload, a drain. Gives its exit code."""
    bench.compact_at(1.5)
    bench.start(shim, wait=False)
    process = bench.daemon.process

    def rest(seconds):
        try:
            process.wait(seconds)
            return False
        except subprocess.TimeoutExpired:
            return True

    if rest(0.8):
        process.send_signal(signal.SIGHUP)
        if rest(1.4):
            process.send_signal(signal.SIGTERM)
    return bench.daemon.wait(30)


def busy(settings=""):
    # About 500 attempts a second of 2 KB each: more than a segment's megabyte a second.
    return Bench(steady=3, stubborn=8, once=3, backoff="12ms", settings=settings)


@functools.cache
def calls():
    """How many calls of each kind the scenario makes; some more or fewer each time."""
    with busy() as bench:
        shim = Shim(bench.daemon.state, trace=True)
        check(live(bench, shim) == 0, bench.daemon.log_text())
        bench.judge()
        trace = shim.trace
        shim.close()
        return trace, collections.Counter(call.kind for call in trace)


@test
def scenario():
    """the daemon's scenario has every kind of I/O call in it, rotates and compacts"""
    trace, kinds = calls()
    names = [call.path.rsplit("/", 1)[1] for call in trace if call.kind == "rename"]
    yield str(dict(kinds)), None
    covers = sum("-" in name for name in names)
    yield "control: it rotates and compacts", None if len(names) - covers > 2 and covers else f"the names {names}"


def points(ways, frequent):
    """All calls of the kinds that are rare, and so many of each that is not; of every kind in each way."""
    _, kinds = calls()
    for kind, count in kinds.items():
        chosen = range(1, count + 1)
        if kind in FREQUENT:
            chosen = scale.sample(chosen, frequent)
        for number in chosen:
            for way in ways if kind == "pwrite" else [way for way in ways if way not in ("half", "short")]:
                yield f"{kind}#{number}:{way}"


def kill_at(point):
    with busy() as bench:
        shim = Shim(bench.daemon.state, [point])
        code = live(bench, shim)
        died = shim.fired
        shim.close()
        check((code == SIGKILL) == bool(died), f"ended with {code}: {bench.daemon.log_text()}")
        if died:
            bench.compact_at(3600)
            bench.start()
            bench.daemon.stop()
        bench.judge()
        return died[0] if died else None


@test
def every_call():
    """the daemon killed at its I/O calls, all of them in the long form: nothing lost, nothing unrecorded"""
    tally, problems, late = scale.Tally(), [], 0
    chosen = scale.sample(points(("before", "half", "after"), 12), 60)
    for point, result in scale.side_by_side(kill_at, chosen, at_once=6):
        if isinstance(result, Exception):
            problems.append(f"{point}: {result}")
        elif result is None:
            late += 1
        else:
            tally.add(result.kind)
    yield f"{tally}; {late} had fewer calls", "\n".join(problems[:5]) or None


def suffer(point):
    with busy() as bench:
        shim = Shim(bench.daemon.state, [point], reads=True)
        code = live(bench, shim)
        fired = len(shim.fired)
        shim.close()
        # It starts all the same, or says why not; and what has started ends as it should.
        check(code in (0, 74), f"ended with {code}: {bench.daemon.log_text()}")
        check(code == 0 or "httpcrond: " in bench.daemon.log_text(), "ended without a word")
        # What a disk refused to the very end is lost; then that is said.
        lost = bench.said_lost()
        bench.compact_at(3600)
        bench.start()
        bench.daemon.stop()
        bench.judge(synced_only=lost)
        return fired


@test
def every_fault():
    """the daemon with a disk that fails at an I/O call, all of them in the long form: nothing lost, nothing unrecorded"""
    ways = [fault(name, times) for name in (*FAULTS, "short") for times in LASTING]
    tally, problems = scale.Tally(), []
    for point, result in scale.side_by_side(suffer, scale.sample(points(ways, 12), 24), at_once=6):
        if isinstance(result, Exception):
            problems.append(f"{point}: {result}")
        else:
            tally.add(point.split("#")[0], result)
    yield f"failed: {tally}", "\n".join(problems[:5]) or None
