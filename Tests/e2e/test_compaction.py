"""Compaction by the real daemon, and by hand: what stays, what goes, and what nobody must notice."""

import datetime
import json
import os
import pathlib
import signal
import time

import behaviours as do
from daemon import Daemon, at, check, job, wait_for
from hostile import Server
from suite import test

FAR = "CompactAt=" + (datetime.datetime.now(datetime.timezone.utc)
                      - datetime.timedelta(hours=1)).strftime("%H:%M:%S") + "\n"


def in_seconds(seconds):
    """`CompactAt=` so far ahead."""
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return "CompactAt=" + moment.strftime("%H:%M:%S") + "\n"


def segments(daemon):
    """Covers, and raw segments."""
    names = [path.name for path in (daemon.state / "history").glob("*.seg")]
    return [name for name in names if "-" in name], [name for name in names if "-" not in name]


def set_settings(daemon, text):
    daemon.settings.write_text("[Daemon]\nWatchJobs=no\n" + text)
    daemon.reload()


def compact(daemon, settings=""):
    """Lets the daemon do it by its clock, and gives the line in which it says so."""
    before = daemon.log_text().count("compacted the history in")
    set_settings(daemon, settings + in_seconds(2))
    wait_for(lambda: daemon.log_text().count("compacted the history in") > before, 15,
             "the compaction:\n" + daemon.log_text()[-3000:])
    return [line for line in daemon.log_text().splitlines() if "compacted the history in" in line][-1]


def standings(daemon):
    """What `list` says of each job, but for when it is next due."""
    rows = [json.loads(line) for line in daemon.tool("list", "-o", "json").splitlines()]
    return [{key: value for key, value in row.items() if key != "next_at"} for row in rows]


def busy_then_quiet(server, jobs, settings=""):
    """A daemon that has called these jobs each second for a while, some of them failing, and now has nothing to do but
    to wait for the retry of `patient`. `jobs`: the history section of each."""
    port = server.listen("polite", do.polite)

    once, _ = at(1)

    def text(name, when, history):
        if name == "patient":
            return job(f"http://127.0.0.1:{port}/status/500", f"At={once}", retry=("BackoffDelay=1h",), history=history)
        path = "status/500" if name.startswith("failing") else "bytes/2048"
        return job(f"http://127.0.0.1:{port}/{path}", when, history=history)

    daemon = Daemon({name: text(name, "Every=1s", history) for name, history in jobs.items()},
                    "SegmentSize=1M\n" + FAR + settings)
    daemon.start()
    for name in jobs:
        daemon.await_executions(name, 1 if name == "patient" else 7)
    for name, history in jobs.items():
        daemon.write(name, text(name, "Cron=0 0 29 2 *", history))
    daemon.reload()
    time.sleep(0.5)
    return daemon


def newest(rows, count):
    return rows[-count:]


def by_job(daemon):
    rows = {}
    for row in daemon.record():
        rows.setdefault((row["job"], row["kind"]), []).append(row)
    return rows


@test
def daily():
    """at CompactAt= the files become one cover, each job keeps its newest Keep=, and a restart goes on from it"""
    server = Server()
    jobs = {"three": ("Keep=3",), "all": (), "failing-2": ("Keep=2",), "failing-4": ("Keep=0", "KeepFailures=4"),
            "young": ("Keep=1", "KeepFor=1d"), "patient": ("Keep=1",)}
    with busy_then_quiet(server, jobs) as daemon:
        before, stood = by_job(daemon), standings(daemon)
        check([row["state"] for row in stood if row["job"] == "patient"] == ["retrying"], stood)
        line = compact(daemon, "SegmentSize=1M\n")
        covers, raw = segments(daemon)
        check(len(covers) == 1 and len(raw) <= 1, "files:", covers, raw)
        after = by_job(daemon)
        # The newest one stays whatever Keep= says, so Keep=0 and four failures are five.
        for name, keep in {"three": 3, "all": 100, "failing-2": 2, "failing-4": 5, "young": 100, "patient": 1}.items():
            key = (name, "execution")
            check(after[key] == newest(before[key], keep), name, "kept", len(after[key]), "of", len(before[key]), line)
            if name == "failing-2":
                check(len(before[key]) > keep, "there was nothing to give up")
        for key, rows in before.items():
            if key[1] == "note":
                check(after.get(key) == rows, "notes of", key[0])
        check(standings(daemon) == stood, "list says something else:", standings(daemon), stood)
        daemon.stop()
        check(by_job(daemon) == after, "the stop changed the record")
        daemon.start()
        check(standings(daemon) == stood, "the restart made something else of it:", standings(daemon), stood)
        # The streak goes on where it was, and the retry is still to come.
        failures = {row["job"]: row["failures_in_a_row"] for row in stood}
        check(failures["failing-2"] >= 7, failures)
        daemon.stop()
        check(not list((daemon.state / "history").glob("*.tmp")), "a file was left behind")
        daemon.tool("verify")


@test
def again():
    """a second compaction joins the first cover with what came since, and each occurrence is there once"""
    server = Server()
    url = f"http://127.0.0.1:{server.listen('polite', do.polite)}/bytes/2048"
    with Daemon({f"job-{n}": job(url) for n in range(20)}, "SegmentSize=1M\n" + FAR) as daemon:
        daemon.start()
        for _ in range(3):
            time.sleep(2)
            compact(daemon, "SegmentSize=1M\n")
        covers, raw = segments(daemon)
        check(len(covers) == 1 and len(raw) <= 1, "files:", covers, raw)
        task = pathlib.Path(f"/proc/{daemon.process.pid}/task")
        policies = [os.sched_getscheduler(int(path.parent.name)) for path in task.glob("*/comm")
                    if path.read_text() == "compactor\n"]
        check(policies == [os.SCHED_IDLE], "the compactor's scheduling policy:", policies)
        daemon.stop()
        rows = daemon.executions()
        check(len({row["id"] for row in rows}) == len(rows), "an execution is there twice")
        sent = {one.header("Idempotency-Key") for one in server.seen()}
        check(sent == {row["run_id"] for row in rows}, len(sent), "calls and", len(rows), "executions")


@test
def dumped():
    """what dump says while the history is compacted is what it said before, and it never fails"""
    server = Server()
    jobs = {f"job-{n}": ("Keep=5",) for n in range(12)}
    with busy_then_quiet(server, jobs) as daemon:
        before = {name: daemon.tool("dump", name, "-n", "5", "-o", "jsonl") for name in jobs}
        set_settings(daemon, "SegmentSize=1M\n" + in_seconds(2))
        until, count = time.time() + 4, 0
        while time.time() < until:
            name = f"job-{count % 12}"
            check(daemon.tool("dump", name, "-n", "5", "-o", "jsonl") == before[name], name)
            count += 1
        check("compacted the history in" in daemon.log_text(), daemon.log_text()[-2000:])
        check(count > 20, f"{count} dumps")
        daemon.stop()


@test
def removed():
    """a job whose file is gone keeps its history for KeepRemoved=, and then nothing of it stays"""
    server = Server()
    with busy_then_quiet(server, {"stays": (), "goes": ("Keep=2",)}) as daemon:
        (daemon.jobs / "goes.job").unlink()
        before = daemon.executions("goes")
        compact(daemon, "SegmentSize=1M\nKeepRemoved=90d\n")
        check(daemon.executions("goes") == before, "a removed job lost what KeepRemoved= keeps")
        # A history that nothing was added to is not compacted again.
        url = f"http://127.0.0.1:{server.listen('polite', do.polite)}/"
        daemon.write("stays", job(url, "Every=1s"))
        daemon.reload()
        daemon.await_executions("stays", 8)
        compact(daemon, "SegmentSize=1M\nKeepRemoved=1s\n")
        check(not [row for row in daemon.record() if row["job"] == "goes"], "a removed job kept its history")
        check(len(daemon.executions("stays")) >= 7, daemon.executions("stays"))
        daemon.stop()


@test
def by_hand():
    """httpcron compact does it while the daemon is stopped, and refuses beside a running one"""
    server = Server()
    with busy_then_quiet(server, {"three": ("Keep=3",), "failing-2": ("Keep=2",), "patient": ()}) as daemon:
        refused = daemon.process_of_tool("compact")
        check(refused.returncode == 1 and "systemctl stop 'httpcron*'" in refused.stderr, refused)
        daemon.stop()
        before, stood = by_job(daemon), standings(daemon)
        said = daemon.tool("compact")
        check(said.startswith("Compacted the history in ") and said.count("\n") == 1, said)
        covers, raw = segments(daemon)
        check(len(covers) == 1 and not raw, "files:", covers, raw)
        after = by_job(daemon)
        for name, keep in {"three": 3, "failing-2": 2, "patient": 100}.items():
            key = (name, "execution")
            check(after[key] == newest(before[key], keep), name, after[key])
        check(daemon.tool("compact") == "There is nothing to compact.\n", "compacted twice")
        daemon.start()
        check(standings(daemon) == stood, "the restart made something else of it:", standings(daemon), stood)
        daemon.stop()


def await_compacting(daemon):
    """Has the daemon compact in two seconds, and returns as soon as it does."""
    while not daemon.notices.empty():
        daemon.notices.get()
    daemon.settings.write_text("[Daemon]\nWatchJobs=no\nSegmentSize=1M\n" + in_seconds(2))
    daemon.signal(signal.SIGHUP)
    wait_for(lambda: "compacting" in daemon.await_notice("STATUS=", 10), 10, "STATUS= to say so")


@test
def stopped():
    """SIGTERM while it compacts: the stop does not wait for it, nothing is lost, and nothing is left behind"""
    server = Server()
    jobs = {f"job-{n}": ("Keep=2",) for n in range(30)}
    with busy_then_quiet(server, jobs) as daemon:
        before = {key: newest(rows, 2) for key, rows in by_job(daemon).items() if key[1] == "execution"}
        for delay in (0.0, 0.06, 0.1, 0.15):
            await_compacting(daemon)
            time.sleep(delay)
            began = time.time()
            daemon.stop(5)
            check(time.time() - began < 2, f"the stop took {time.time() - began:.1f} s")
            daemon.settings.write_text("[Daemon]\nWatchJobs=no\nSegmentSize=1M\n" + FAR)
            daemon.start()
            check(not list((daemon.state / "history").glob("*.tmp")), "a file was left behind")
        after = {key: newest(rows, 2) for key, rows in by_job(daemon).items() if key[1] == "execution"}
        check(after == before, "the record has changed")
        daemon.stop()
        daemon.tool("verify")


@test
def killed():
    """kill -9 while it compacts: the next start has the old history or the new one"""
    server = Server()
    jobs = {f"job-{n}": ("Keep=2",) for n in range(30)}
    with busy_then_quiet(server, jobs) as daemon:
        before = {key: newest(rows, 2) for key, rows in by_job(daemon).items() if key[1] == "execution"}
        for delay in (0.0, 0.05, 0.08, 0.12, 0.2):
            await_compacting(daemon)
            time.sleep(delay)
            daemon.kill()
            daemon.settings.write_text("[Daemon]\nWatchJobs=no\nSegmentSize=1M\n" + FAR)
            daemon.start()
            after = {key: newest(rows, 2) for key, rows in by_job(daemon).items() if key[1] == "execution"}
            check(after == before, f"the record has changed, {delay} s into it")
            daemon.tool("verify")
        daemon.stop()


@test
def bounded():
    """at HistoryMaxUse= it compacts early and says so, the oldest executions go first, and it does not thrash"""
    server = Server()
    url = f"http://127.0.0.1:{server.listen('polite', do.polite)}/bytes/2048"
    with Daemon({f"job-{n}": job(url) for n in range(250)},
                "SegmentSize=1M\nHistoryMaxUse=6M\nHistoryKeepFree=0\nLogSuccess=no\n" + FAR) as daemon:
        daemon.start()
        wait_for(lambda: "compacting the history now: the history takes" in daemon.log_text(), 40,
                 "an early compaction:\n" + daemon.log_text()[-1000:])
        wait_for(lambda: daemon.log_text().count("compacted the history in") >= 3, 60, "three of them")
        daemon.stop()
        used = sum(path.stat().st_size for path in (daemon.state / "history").iterdir())
        check(used <= 7 << 20, f"the history takes {used} bytes")
        check("HistoryMaxUse= leaves it 6 MiB" in daemon.log_text(), daemon.log_text()[:2000])
        # Each goes below the bound: the next comes with more segments, not with the next one's every batch.
        count = daemon.log_text().count("compacting the history now")
        written = len(server.seen()) * 2400
        check(count <= 2 + written / (512 << 10), f"{count} early compactions for {written} bytes")
        rows = by_job(daemon)
        for name in (f"job-{n}" for n in range(250)):
            mine = rows[(name, "execution")]
            sent = [one.header("Idempotency-Key") for one in server.seen(name)]
            check([row["run_id"] for row in mine] == sent[-len(mine):], name, "lost others than its oldest")


@test
def no_directory():
    """a daemon that has never seen the job directory compacts nothing, and says so"""
    server = Server()
    with busy_then_quiet(server, {"three": ("Keep=3",)}) as daemon:
        daemon.stop()
        before = daemon.executions()
        daemon.jobs.rename(daemon.root / "elsewhere")
        daemon.settings.write_text("[Daemon]\nWatchJobs=no\nSegmentSize=1M\n" + in_seconds(3))
        daemon.start()
        wait_for(lambda: "the history is not compacted" in daemon.log_text(), 10, daemon.log_text())
        daemon.stop()
        (daemon.root / "elsewhere").rename(daemon.jobs)
        check(daemon.executions() == before, "something was given up")


@test
def damaged():
    """a compaction that meets damage tells it by file and range, and keeps everything that it did not hit"""
    server = Server()
    with busy_then_quiet(server, {f"job-{n}": () for n in range(12)}) as daemon:
        daemon.stop()
        before = daemon.executions()
        path = max((daemon.state / "history").glob("*.seg"), key=lambda one: one.stat().st_size)
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 0x20
        path.write_bytes(content)
        daemon.start()
        compact(daemon, "SegmentSize=1M\n")
        told = [line for line in daemon.log_text().splitlines() if " warning " in line and path.name in line]
        check(told and "bytes" in told[0], "not told:", daemon.log_text()[-1500:])
        kept = {row["id"] for row in daemon.executions()}
        # One batch has what ended at about the same time.
        lost = [row for row in before if row["id"] not in kept]
        check(0 < len(lost) <= 12, f"{len(lost)} of {len(before)} executions lost")
        daemon.stop()
        # What is lost is lost; what is there is whole again.
        daemon.tool("verify")
