"""The power cut under a real file system, with the history's threads and with the daemon writing to it. What counts as
acknowledged is what had been heard before the cut began."""

import fcntl
import os
import random
import subprocess
import time

import scale
from daemon import check
from driver import History
from load import Bench
from loops import Disk, check_dead
from shim import Shim
from suite import Skip, test

F_SETPIPE_SZ = 1031
OPTIONS = ("--segment", 16384, "--body", 300, "--jobs", 4, "--keep", 8)
STEPS = ("--rounds", 40, "append=80", "compact", "beside=80")


def life_until_cut(disk, history, shim=None):
    """What it said by the cut goes to the log as it is; of what it said later, acknowledgements do not count."""
    process = history.start(*STEPS, shim=shim, stdout=subprocess.PIPE)
    pipe = process.stdout.fileno()
    fcntl.fcntl(pipe, F_SETPIPE_SZ, 1 << 20)
    os.set_blocking(pipe, False)
    time.sleep(random.uniform(0.01, 0.25))
    heard = os.read(pipe, 1 << 20) if _has_bytes(pipe) else b""
    return end_life(disk, history, process, heard)


def recovery_until_cut(disk, history):
    """A start that is cut off as soon as it has recovered what the last cut left."""
    process = history.start("rest=20000", stdout=subprocess.PIPE)
    heard = process.stdout.readline()
    check(heard.startswith(b"open "), "did not open:", history.complaints())
    end_life(disk, history, process, heard)


def end_life(disk, history, process, heard):
    """The cut. Gives how many acknowledgements had been heard."""
    disk.cut()
    process.kill()
    process.wait()
    os.set_blocking(process.stdout.fileno(), True)
    late = process.stdout.read()
    process.stdout.close()
    whole = heard + late
    kept = heard.count(b"\n")
    lines = [line for number, line in enumerate(whole.splitlines(keepends=True))
             if number < kept or not line.startswith(b"ack")]
    with history.log.open("ab") as log:
        log.write(b"".join(line for line in lines if line.endswith(b"\n")))
    check_dead(disk)
    return heard.count(b"ack")


def _has_bytes(pipe):
    try:
        return bool(fcntl.ioctl(pipe, 0x541B, b"\0\0\0\0") != b"\0\0\0\0")  # FIONREAD
    except OSError:
        return False


def drive(kind, cuts):
    """The driver, cut off so often; every few cuts on a fresh history."""
    tally = scale.Tally()
    with Disk(kind) as disk:
        while tally["cuts"] < cuts:
            with OnDisk(disk, f"h{tally['cuts']}") as history:
                for _ in range(min(6, cuts - tally["cuts"])):
                    tally.add("acknowledgements", life_until_cut(disk, history))
                    disk.power_on()
                    tally.add("cuts")
                    if tally["cuts"] % 3:
                        recovery_until_cut(disk, history)
                        disk.power_on()
                        tally.add("cuts after the recovery")
                    history.verify(clean=False)
    return tally


class OnDisk(History):
    """A history on a disk; what it said is kept elsewhere."""

    def __init__(self, disk, name):
        super().__init__(options=OPTIONS)
        self.directory = disk.path / name
        # The directory's own name is not what is being tested.
        self.directory.mkdir()
        os.sync()


def drive_daemon(kind, cuts):
    """The daemon, cut off so often, on one history."""
    tally = scale.Tally()
    with Disk(kind) as disk:
        state = disk.path / "state"
        state.mkdir()
        os.sync()
        acknowledged, requests = [], []
        with Bench(state=state) as bench:
            for number in range(cuts):
                bench.compact_at(1 if number % 3 == 1 else 3600)
                bench.start()
                time.sleep(random.uniform(0.1, 0.5))
                seen = bench.server.seen()
                began = disk.cut()
                bench.daemon.kill()
                acknowledged += bench.acknowledged(began)
                requests += seen
                bench.forget()
                check_dead(disk)
                disk.power_on()
                tally.add("cuts")
            bench.compact_at(3600)
            bench.start()
            bench.daemon.stop()
            called, said, _ = bench.judge(acknowledged, requests, synced_only=True)
            tally.add("calls", called)
            tally.add("acknowledged attempts", said)
    return tally


def in_pieces(count, most):
    return [most] * (count // most) + ([count % most] if count % most else [])


def rows(function, count, most):
    """Both file systems, one after the other; each with two disks side by side."""
    for kind in ("ext4", "xfs"):
        total, problems = scale.Tally(), []
        try:
            results = scale.side_by_side(lambda some: function(kind, some), in_pieces(count, most))
        except Skip as reason:
            yield kind, reason
            continue
        for _, result in results:
            if isinstance(result, Exception):
                problems.append(str(result))
                continue
            for name, number in result.items():
                total.add(name, number)
        yield f"{kind} ({total})", "\n".join(problems[:3]) or None


@test
def driver():
    """the power cut under the history: what was acknowledged before is there"""
    yield from rows(drive, scale.of(24, 4_500), scale.of(12, 100))


@test
def daemon():
    """the power cut under the daemon: what its log had said is on record, and so is each at-most-once call"""
    yield from rows(drive_daemon, scale.of(6, 500), scale.of(3, 20))


@test
def control():
    """a writer that never syncs is caught by the same test"""
    for kind in ("ext4", "xfs"):
        try:
            yield kind, never_syncing(kind)
        except Skip as reason:
            yield kind, reason


def never_syncing(kind):
    cuts = 4
    caught = 0
    with Disk(kind) as disk:
        for number in range(cuts):
            with OnDisk(disk, f"n{number}") as history:
                shim = Shim(history.directory, ["fdatasync#1:skip", "fsync#1:skip"])
                acknowledgements = life_until_cut(disk, history, shim)
                skipped = len(shim.fired)
                shim.close()
                disk.power_on()
                check(skipped and acknowledgements, f"nothing was skipped: {skipped}, {acknowledgements}")
                caught += not history.verdict()["ok"]
    return None if caught == cuts else f"{caught} of {cuts} caught"
