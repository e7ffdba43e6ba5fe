"""A daemon under load, and the judge: what the server saw and what the daemon said it had recorded, held against the
record."""

import datetime
import json
import socket
import subprocess
import time

import behaviours as do
import daemon
import ground
from daemon import Daemon, Failed, check, job
from hostile import Server
from suite import Skip

CRASH = "%Httpcron.Interrupted{reason: :crash}"
SHUTDOWN = "%Httpcron.Interrupted{reason: :shutdown}"
BODY = b"x" * 2_000


async def failing(connection):
    """500 with a body of 2,000 bytes, for ever."""
    while await connection.request():
        await connection.answer(500, BODY)


async def lasting(connection):
    """200 with a body of 2,000 bytes."""
    while await connection.request():
        await connection.answer(200, BODY)


class Bench:
    """One daemon with jobs that never rest, and everything that is known of them from outside."""

    _count = 0

    def __init__(self, steady=3, stubborn=5, once=3, backoff="20ms", settings="", state=None):
        if not ground.EXISTS:
            raise Skip("there are no namespaces here, so no journal of our own")
        Bench._count += 1
        self.prefix = f"b{Bench._count}-"
        self.server = Server()
        self.journal = ground.JOURNAL
        self.processes = []
        down = f"http://127.0.0.1:{self.server.listen('failing', failing, port=next(ground.PORTS))}/"
        up = f"http://127.0.0.1:{self.server.listen('lasting', lasting, port=next(ground.PORTS))}/"
        retry = ("MaxRetries=1000", f"BackoffDelay={backoff}", "Backoff=fixed")
        once_only = ("Delivery=at-most-once",)
        kept = ("Keep=1000000",)
        jobs = {}
        for number in range(steady):
            jobs[f"{self.prefix}steady-{number}"] = job(up, history=kept)
        for number in range(stubborn):
            jobs[f"{self.prefix}stubborn-{number}"] = job(down, retry=retry, history=kept)
        for number in range(once):
            jobs[f"{self.prefix}once-{number}"] = job(
                down if number else up, retry=retry, more=once_only, history=kept, request=("Body={}",))
        self.settings = "SegmentSize=1M\n" + settings
        self.daemon = Daemon(jobs, self.settings)
        self.daemon.state = state or self.daemon.state
        # What it takes for a journal: the daemon looks whether that is where its stderr leads.
        self.daemon.log.touch()
        status = self.daemon.log.stat()
        self.daemon.environment["JOURNAL_STREAM"] = f"{status.st_dev}:{status.st_ino}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.daemon.__exit__()
        self.server.close()
        self.journal.forget(self.processes)

    def start(self, shim=None, wait=True):
        """As Daemon.start, perhaps under the shim."""
        self._forget_notices()
        own = dict(self.daemon.environment)
        if shim is not None:
            self.daemon.environment.update(shim.environment)
            self.daemon.descriptors = shim.descriptors
        self.daemon.start(wait=False)
        self.daemon.environment, self.daemon.descriptors = own, ()
        self.processes.append(self.daemon.process.pid)
        if wait:
            self.daemon.await_notice("READY=1", 20)

    def _forget_notices(self):
        """A killed one may have left words that nobody waited for."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"FORGET=1", str(self.daemon.root / "notify"))
        while self.daemon.notices.get(timeout=10) != "FORGET=1":
            pass

    def compact_at(self, seconds):
        """From its next start or reload on, the daemon compacts so many seconds from now."""
        moment = datetime.datetime.fromtimestamp(int(time.time() + seconds), datetime.timezone.utc)
        self.daemon.settings.write_text(
            f"[Daemon]\nWatchJobs=no\n{self.settings}CompactAt={moment.strftime('%H:%M:%S')}\n")

    def compact(self):
        """Offline."""
        self.daemon.tool("compact")

    # What is known

    def forget(self):
        """What the server and the journal know: somebody has taken it."""
        self.journal.forget(self.processes)
        self.processes = []
        with self.server._lock:
            self.server.requests = []

    def acknowledged(self, before=None):
        """The attempts of which the log said that they are recorded."""
        return [entry for entry in self.journal.entries(self.processes, before)
                if "HTTPCRON_EXECUTION_ID" in entry and entry.get("HTTPCRON_RECORDED") != "no"]

    def said_lost(self):
        """Whether a daemon has said at its end that the disk has not taken all."""
        return any("may be lost" in entry["MESSAGE"] for entry in self.journal.entries(self.processes))

    def judge(self, acknowledged=None, requests=None, synced_only=False):
        """Holds everything against the record; gives what there was to hold. `synced_only`: where the power went, or the
        disk took nothing to the end, only calls of at-most-once jobs must be on record whatever came."""
        acknowledged = self.acknowledged() if acknowledged is None else acknowledged
        requests = self.server.seen() if requests is None else requests
        rows = [row for row in self.daemon.executions() if row["job"].startswith(self.prefix)]
        check_record(rows)
        recorded = {(row["run_id"], row["attempt"]): row for row in rows}
        check_acknowledged(acknowledged, {row["id"]: row for row in rows})
        check_wire(requests, recorded, synced_only)
        if not synced_only:
            check_invented(rows, requests)
        return len(requests), len({entry['HTTPCRON_EXECUTION_ID'] for entry in acknowledged}), len(rows)


def identity(request):
    return request.header("Idempotency-Key"), int(request.header("X-Httpcron-Attempt"))


def check_record(rows):
    """Each attempt once, numbered from 1 without a gap, in the order of seq."""
    attempts = {}
    last = 0
    for row in rows:
        check(row["seq"] > last, "out of order:", row)
        last = row["seq"]
        attempts.setdefault(row["run_id"], []).append(row["attempt"])
    for run, numbers in attempts.items():
        check(numbers == list(range(1, len(numbers) + 1)), f"run {run} has the attempts {numbers}")


def check_acknowledged(entries, by_id):
    for entry in entries:
        row = by_id.get(entry["HTTPCRON_EXECUTION_ID"])
        check(row is not None, "the log said it, and the record does not:", entry)
        check((row["run_id"], str(row["attempt"]), row["status"], row["job"])
              == (entry["HTTPCRON_RUN_ID"], entry["HTTPCRON_ATTEMPT"], entry["HTTPCRON_STATUS"], entry["HTTPCRON_JOB"]),
              "the log and the record differ:", entry, row)


def check_wire(requests, recorded, synced_only):
    """Nothing twice on the wire, nothing there without a record, nothing behind the crash of an at-most-once run."""
    seen = set()
    for request in requests:
        if synced_only and "once" not in request.job:
            continue
        key = identity(request)
        check(key not in seen, "twice on the wire:", key, request.job)
        seen.add(key)
        check(key in recorded, "on the wire, and not on record:", key, request.job, request.at)
        check(recorded[key]["job"] == request.job, "on record for another job:", recorded[key], request.job)
    for (run, attempt) in seen:
        before = recorded.get((run, attempt - 1))
        if before and "once" in before["job"]:
            check(before["error"] != CRASH, "an at-most-once run went on after a crash:", before)


def check_invented(rows, requests):
    seen = {identity(one) for one in requests}
    for row in rows:
        if row["http_status"] is not None:
            check((row["run_id"], row["attempt"]) in seen, "recorded with a status, and never on the wire:", row)


def parse(lines):
    return [json.loads(line) for line in lines.splitlines()]


def run_tool(bench, *arguments):
    """httpcron on the bench's directories: exit code, output, complaints."""
    own = bench.daemon
    return subprocess.run(
        [str(daemon.PROGRAMS / "httpcron"), arguments[0], "--jobs", str(own.jobs), "--state", str(own.state),
         "--config", str(own.settings), *arguments[1:]],
        capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)
