"""Row 7: an idle daemon with 1,000 jobs: what it takes, and how often it wakes.

The jobs are ordinary ones (description, zone, header, body), none due within months. No watchdog is asked for, so
nothing should wake it at all. Beside it the bare loop, which has libcurl loaded and waits: the least that a program
with libcurl can be."""

import sys
import time

from measure import Daemon, Peer
from report import Line

JOBS = 1_000
SETTLE = 5
WATCHED = 60


def run(bench):
    with bench.directory() as directory, Peer(bench, 1, 1) as peer:
        with Daemon(bench, directory, dict(_jobs())) as daemon:
            time.sleep(SETTLE)
            before = daemon.context_switches()
            time.sleep(WATCHED)
            after = daemon.context_switches()
            for name, count in after.items():
                if count != before.get(name, 0):
                    print(f"  {name} woke {count - before.get(name, 0)} times", file=sys.stderr)
            wakes = sum(after.values()) - sum(before.get(name, 0) for name in after)
            return [
                Line(7, f"{JOBS:,} jobs, idle: wake-ups in {WATCHED} s", "", [wakes], compare=None, target="0",
                     digits=0),
                Line(7, f"{JOBS:,} jobs, idle: resident set", "MB", [daemon.memory() / 1e6],
                     [peer.memory() / 1e6], target="≤ 14 MB", digits=2),
                Line(7, f"{JOBS:,} jobs, idle: of it anonymous", "MB", [daemon.memory("RssAnon") / 1e6],
                     [peer.memory("RssAnon") / 1e6], digits=2),
            ]


def _jobs():
    # Half a year away from today, and at a different minute each.
    month = (time.gmtime().tm_mon + 5) % 12 + 1
    for n in range(1, JOBS + 1):
        yield f"report-{n}", (
            f"[Job]\nDescription=Report number {n}\nCron={n % 60} {n % 24} {n % 28 + 1} {month} *\n"
            "TimeZone=Europe/Berlin\n\n"
            f"[Request]\nURL=https://example.com/api/reports/{n}/generate\nHeader=X-Api-Key: {n:032x}\n"
            f'Body={{"kind":"nightly","number":{n}}}\nTimeout=60s\n\n[History]\nKeep=50\n')
