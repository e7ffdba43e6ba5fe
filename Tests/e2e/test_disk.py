"""A disk that refuses: full, read-only, gone. The calls go on, the record catches up, and one line tells of each change."""

import contextlib
import shutil
import subprocess
import time

import behaviours as do
import world
from daemon import Daemon, at, check, job, wait_for
from hostile import Server
from suite import Skip, test

REFUSES, TAKES = "the history cannot be written", "the history is written again"
# A segment is full after some 400 calls that are answered with 2 KiB.
SMALL = "SegmentSize=1M\nHistoryMaxUse=1G\nHistoryKeepFree=0\nCompactAt=00:00\n"


def mount(*arguments):
    subprocess.run(["mount", *map(str, arguments)], check=True)


@contextlib.contextmanager
def disk(daemon, size):
    """The state directory on a disk of its own, of so many bytes."""
    if not world.EXISTS:
        raise Skip("a disk to fill needs root, or user namespaces")
    mount("-t", "tmpfs", "-o", f"size={size},mode=0755", "none", daemon.state)
    try:
        yield daemon.state
    finally:
        if daemon.process is not None and daemon.process.poll() is None:
            daemon.kill()
        subprocess.run(["umount", "-l", str(daemon.state)], check=False)


def fill(state):
    """Takes all the room there is."""
    with open(state / "filler", "wb", buffering=0) as file:
        with contextlib.suppress(OSError):
            while file.write(bytes(65536)) == 65536:
                pass


def load(server, path, count=300):
    url = f"http://127.0.0.1:{server.listen('polite', do.polite)}"
    return {f"load-{n}": job(f"{url}{path}", retry=()) for n in range(count)}


def starve(daemon, server, state):
    """Starts the daemon with much to record, fills its disk, and waits until it says so."""
    for name, text in load(server, "/bytes/2048").items():
        daemon.write(name, text)
    daemon.start()
    wait_for(lambda: server.seen("load-1"), 10, "the first call")
    fill(state)
    wait_for(lambda: times(daemon, REFUSES), 20, "the refusal")


def times(daemon, words):
    return daemon.log_text().count(words)


def status(daemon, words, seconds):
    wait_for(lambda: words in daemon.await_notice("STATUS=", seconds), seconds, f"{words} in STATUS=")


def check_record(daemon, server, job_name=None):
    """Everything that was called is recorded, once."""
    rows = [row for row in daemon.executions() if job_name in (None, row["job"])]
    recorded = [(row["run_id"], row["attempt"]) for row in rows]
    sent = {(one.header("Idempotency-Key"), int(one.header("X-Httpcron-Attempt"))) for one in server.seen(job_name)}
    check(len(set(recorded)) == len(recorded), "an execution is there twice")
    check(not sent - set(recorded), f"{len(sent - set(recorded))} of {len(sent)} calls left no record")
    check(not set(recorded) - sent, f"{len(set(recorded) - sent)} executions were never called")


@test
def full():
    """a full disk: calls go on, one line and STATUS= say so, and with room again everything is recorded"""
    server = Server()
    with Daemon({}, SMALL) as daemon, disk(daemon, "16M") as state:
        for name, text in load(server, "/bytes/2048").items():
            daemon.write(name, text)
        daemon.write("witness", job(f"http://127.0.0.1:{server.listen('polite', do.polite)}/status/500",
                                    retry=("MaxRetries=0",)))
        daemon.start()
        wait_for(lambda: server.seen("witness"), 10, "the first call")
        fill(state)
        wait_for(lambda: times(daemon, REFUSES), 20, "the refusal:\n" + daemon.log_text()[-2000:])
        status(daemon, "NOT RECORDING", 10)
        check("No space left on device" in daemon.log_text(), daemon.log_text()[-2000:])
        calls, lines = len(server.seen("witness")), times(daemon, "witness: run failed")
        time.sleep(3.5)
        check(len(server.seen("witness")) >= calls + 3, "the calls stopped")
        check(times(daemon, "witness: run failed") >= lines + 3, "the lines of what is not recorded are held back")
        (state / "filler").unlink()
        wait_for(lambda: times(daemon, TAKES), 5, "the record to go on")
        time.sleep(1.5)
        check((times(daemon, REFUSES), times(daemon, TAKES)) == (1, 1), "more than a line a change")
        daemon.stop()
        check_record(daemon, server)
        check(not daemon.notes("witness"), daemon.notes("witness"))


@test
def at_most_once():
    """an at-most-once run waits for a full disk: till there is room, or CatchUpWindow= is over and it is noted"""
    server = Server()
    with Daemon({}, SMALL) as daemon, disk(daemon, "16M") as state:
        url = f"http://127.0.0.1:{server.listen('polite', do.polite)}/"
        starve(daemon, server, state)
        when, due = at(3)
        more = ("Delivery=at-most-once",)
        daemon.write("given-up", job(url, f"At={when}", more=(*more, "CatchUpWindow=2s"), retry=()))
        daemon.write("held", job(url, f"At={when}", more=(*more, "CatchUpWindow=1h"), retry=()))
        daemon.reload()
        time.sleep(max(0, due - time.time()) + 4)
        check(not server.seen("held") and not server.seen("given-up"), "sent without a record")
        (state / "filler").unlink()
        wait_for(lambda: server.seen("held"), 5, "the run that was held")
        daemon.await_executions("held", 1)
        daemon.stop()
        check([row["reason"] for row in daemon.notes("given-up")] == ["disk"], daemon.record("given-up"))
        check(not server.seen("given-up") and not daemon.executions("given-up"), "it ran after all")
        check(len(daemon.executions("held")) == 1 and not daemon.notes("held"), daemon.record("held"))


@test
def read_only():
    """a disk that turns read-only while it is full is no other news, and writable again it is caught up with"""
    server = Server()
    with Daemon({}, SMALL) as daemon, disk(daemon, "16M") as state:
        starve(daemon, server, state)
        # Only now: a file that is open for writing keeps its file system writable.
        mount("-o", "remount,ro", state)
        time.sleep(1.5)
        count = len(server.seen())
        time.sleep(2.5)
        check(len(server.seen()) > count, "the calls stopped")
        mount("-o", "remount,rw", state)
        (state / "filler").unlink()
        wait_for(lambda: times(daemon, TAKES), 5, "the record to go on")
        check((times(daemon, REFUSES), times(daemon, TAKES)) == (1, 1), daemon.log_text()[-2000:])
        time.sleep(1)
        daemon.stop()
        check_record(daemon, server)


@test
def stop_while_full():
    """a stop with a full disk ends all the same, and soon"""
    server = Server()
    with Daemon({}, SMALL) as daemon, disk(daemon, "16M") as state:
        starve(daemon, server, state)
        began = time.time()
        daemon.stop(10)
        check(time.time() - began < 5, f"the stop took {time.time() - began:.1f} s")
        (state / "filler").unlink()
        recorded = {row["run_id"] for row in daemon.executions()}
        daemon.start()
        time.sleep(2)
        daemon.stop()
        check(recorded <= {row["run_id"] for row in daemon.executions()}, "what was recorded is gone")


@test
def overflow():
    """what does not fit UnsyncedLimit= while the disk is full leaves one note a job, with count and range"""
    server = Server()
    with Daemon({}, SMALL + "UnsyncedLimit=1M\nLogSuccess=no\n") as daemon, disk(daemon, "16M") as state:
        starve(daemon, server, state)
        time.sleep(14)
        (state / "filler").unlink()
        wait_for(lambda: times(daemon, TAKES), 5, "the record to go on")
        time.sleep(1)
        daemon.stop()
        for name in (f"load-{n}" for n in range(300)):
            rows, notes = daemon.executions(name) if name == "load-7" else None, None
            if rows is None:
                continue
            notes = [row for row in daemon.notes(name) if row["reason"] == "lost"]
            sent = len(server.seen(name))
            lost = sum(note["count"] for note in notes)
            check(len(notes) <= 1, notes)
            check(len(rows) < sent and lost > 0, f"{sent} calls, {len(rows)} recorded, {lost} lost")


@test
def start_read_only():
    """a start on a read-only disk ends with 74 and says what to do"""
    with Daemon({}) as daemon, disk(daemon, "4M") as state:
        mount("-o", "remount,ro", state)
        daemon.start(wait=False)
        check(daemon.wait(10) == 74, daemon.process.returncode)
        text = daemon.log_text()
        check("history" in text and "Read-only file system" in text, text)
        check("remount" in text, "does not say what to do:", text)


@test
def start_full():
    """a start on a full disk ends with 74 and says what to do"""
    with Daemon({}) as daemon, disk(daemon, "4M") as state:
        fill(state)
        daemon.start(wait=False)
        check(daemon.wait(10) == 74, daemon.process.returncode)
        text = daemon.log_text()
        check("No space left on device" in text and "free" in text, text)


@test
def keep_free():
    """something else fills the disk below HistoryKeepFree=: the history is compacted early, and gives up its oldest"""
    server = Server()
    settings = "SegmentSize=1M\nHistoryMaxUse=16M\nHistoryKeepFree=8M\nLogSuccess=no\nCompactAt=00:00\n"
    with Daemon({}, settings) as daemon, disk(daemon, "32M") as state:
        for name, text in load(server, "/bytes/2048").items():
            daemon.write(name, text)
        daemon.start()
        wait_for(lambda: len(list((state / "history").glob("*.seg"))) > 6, 30, "a few segments")
        check("compacting the history now" not in daemon.log_text(), daemon.log_text())
        with open(state / "filler", "wb") as file:
            file.write(bytes(18 << 20))
        wait_for(lambda: times(daemon, "compacted the history in"), 20, "the compaction:\n" + daemon.log_text()[-1500:])
        check("HistoryKeepFree= leaves it" in daemon.log_text(), daemon.log_text())
        daemon.stop()
        check(not times(daemon, REFUSES), "the disk was full after all")
        newest = {row["job"]: row["run_id"] for row in daemon.executions()}
        for name in (f"load-{n}" for n in range(300)):
            check(newest[name] == server.seen(name)[-1].header("Idempotency-Key"), name, "lost its newest")


@test
def no_room():
    """a compaction that finds no room is an error that says so, and loses nothing; the next one makes up for it"""
    server = Server()
    with Daemon({}, SMALL + "LogSuccess=no\n") as daemon, disk(daemon, "16M") as state:
        for name, text in load(server, "/bytes/2048", 150).items():
            daemon.write(name, text)
        daemon.start()
        wait_for(lambda: len(list((state / "history").glob("*.seg"))) > 2, 30, "a few segments")
        daemon.stop()
        for file in daemon.jobs.glob("*.job"):
            file.write_text(file.read_text().replace("Every=1s", "Cron=0 0 29 2 *"))
        daemon.start()
        before = settled(daemon)
        fill(state)
        compact_soon(daemon)
        wait_for(lambda: times(daemon, "the history is not compacted"), 15, daemon.log_text()[-1500:])
        check("no room" in daemon.log_text() and "it is tried again at" in daemon.log_text(), daemon.log_text()[-1500:])
        check(daemon.record() == before, "the record has changed")
        check(not list((state / "history").glob("*.tmp")), "a file was left behind")
        (state / "filler").unlink()
        compact_soon(daemon)
        wait_for(lambda: times(daemon, "compacted the history in"), 15, daemon.log_text()[-1500:])
        check(daemon.record() == before, "the record has changed")
        daemon.stop()


def settled(daemon):
    """The record once nothing is added any more: what the stop left to do is done after a start."""
    rows = []

    def stands_still():
        nonlocal rows
        earlier, rows = rows, daemon.record()
        time.sleep(1)
        return rows == earlier

    wait_for(stands_still, 20, "the record to stand still")
    return rows


def compact_soon(daemon):
    moment = time.gmtime(time.time() + 3)
    daemon.settings.write_text("[Daemon]\nWatchJobs=no\nHistoryMaxUse=1G\nHistoryKeepFree=0\nCompactAt="
                               + time.strftime("%H:%M:%S", moment) + "\n")
    daemon.reload()


@test
def removed():
    """the directory of the history is removed: told at once, and made again the record goes on in it"""
    server = Server()
    url = f"http://127.0.0.1:{server.listen('polite', do.polite)}/"
    with Daemon({"steady": job(url)}) as daemon:
        daemon.start()
        daemon.await_executions("steady", 2)
        shutil.rmtree(daemon.state / "history")
        wait_for(lambda: times(daemon, REFUSES), 5, "the refusal:\n" + daemon.log_text())
        check("the directory of the history was removed" in daemon.log_text(), daemon.log_text())
        status(daemon, "NOT RECORDING", 10)
        count = len(server.seen("steady"))
        time.sleep(2.5)
        check(len(server.seen("steady")) >= count + 2, "the calls stopped")
        (daemon.state / "history").mkdir(mode=0o750)
        wait_for(lambda: times(daemon, TAKES), 5, "the record to go on:\n" + daemon.log_text())
        check((times(daemon, REFUSES), times(daemon, TAKES)) == (1, 1), daemon.log_text())
        second = daemon.process
        daemon.start(wait=False)
        check(daemon.wait(5) == 74, "the new directory is not locked")
        daemon.process = second
        daemon.await_executions("steady", 4)
        daemon.stop()
        waited = {one.header("Idempotency-Key") for one in server.seen("steady")[count:]}
        daemon.start()
        daemon.await_executions("steady", len(waited) + 2)
        daemon.stop()
        check(waited <= {row["run_id"] for row in daemon.executions("steady")}, "what had waited is not recorded")
        told = daemon.process_of_tool("verify")
        check(told.returncode == 1 and "missing" in told.stdout, told)


@test
def moved():
    """the directory of the history is moved away and back: nothing is lost"""
    server = Server()
    url = f"http://127.0.0.1:{server.listen('polite', do.polite)}/"
    with Daemon({"steady": job(url)}) as daemon:
        daemon.start()
        daemon.await_executions("steady", 2)
        (daemon.state / "history").rename(daemon.state / "elsewhere")
        time.sleep(2)
        (daemon.state / "elsewhere").rename(daemon.state / "history")
        time.sleep(1)
        daemon.stop()
        check_record(daemon, server)
