"""dump, again and again, while others write, rotate and compact: each one a consistent prefix, and none that fails."""

import json
import re
import subprocess
import time

import daemon
import scale
from daemon import check, wait_for
from driver import History
from load import Bench
from suite import test

SEQ = re.compile(rb'"seq":(\d+)\}$')


class Reader:
    """httpcron on one history, and what it showed before."""

    def __init__(self, state, jobs, settings):
        self._words = ["--state", str(state), "--jobs", str(jobs), "--config", str(settings)]
        self._whole, self._last, self._newest = b"", {}, {}

    def run(self, *words):
        done = subprocess.run([str(daemon.PROGRAMS / "httpcron"), words[0], *self._words, *words[1:]],
                              capture_output=True, stdin=subprocess.DEVNULL, timeout=60)
        check(done.returncode == 0 and not done.stderr, f"{words} ended with {done.returncode}:",
              (done.stderr + done.stdout[-300:]).decode(errors="replace"))
        return done.stdout

    def everything(self, *jobs):
        """Of jobs that keep everything: what was shown before, to the byte, and then perhaps more."""
        now = self.run("dump", *jobs, "-n", "all", "--oldest-first", "-o", "jsonl")
        check(now.startswith(self._whole), "an earlier dump is not the beginning of this one, which differs at",
              _difference(self._whole, now))
        check(not now or now.endswith(b"\n"), "half a line at the end")
        self._whole = now
        return now

    def retained(self, job, keep):
        """Of a job that keeps only its newest: what is gone has as many newer ones."""
        lines = self.run("dump", job, "-n", "all", "--oldest-first", "-o", "jsonl").splitlines()
        now = {int(SEQ.search(line)[1]): line for line in lines}
        check(list(now) == sorted(now) and len(now) == len(lines), "not in order, or twice:", list(now))
        for seq, line in self._last.get(job, {}).items():
            if seq in now:
                check(now[seq] == line, "differs from before:", line, now[seq])
            else:
                kind = json.loads(line)["kind"].encode()
                newer = sum(other > seq and b'"kind":"' + kind + b'"' in text for other, text in now.items())
                check(newer >= keep, f"{job} keeps {keep}, and {seq} has gone with {newer} newer ones")
        self._last[job] = now
        return len(now)

    def newest(self, job, count=20):
        """`dump JOB -n 20`: whole, newest first, and never older than the last time."""
        lines = self.run("dump", job, "-n", str(count), "-o", "jsonl").splitlines()
        seqs = [int(SEQ.search(line)[1]) for line in lines]
        check(seqs == sorted(set(seqs), reverse=True), "not newest first:", seqs)
        before = self._newest.get(job, [])
        check(not before or seqs and seqs[0] >= before[0], f"the newest was {before[:1]}, and now is {seqs[:1]}")
        check(len(seqs) >= min(len(before), count), f"there were {len(before)}, and now {len(seqs)}")
        # What is newer came on top; what was there is still there, as far as it fits.
        rest = [seq for seq in seqs if before and seq <= before[0]]
        check(rest == before[:len(rest)], "what was there has changed:", before, seqs)
        self._newest[job] = seqs

    def verify(self):
        self.run("verify")


def _difference(before, now):
    for place, (left, right) in enumerate(zip(before.splitlines(), now.splitlines())):
        if left != right:
            return f"line {place + 1}: {left[-200:]!r}, now {right[-200:]!r}"
    return f"the end: {len(before)} bytes, now {len(now)}"


@test
def beside_the_daemon():
    """dump in a loop beside a daemon that writes, rotates and compacts: each a consistent prefix"""
    tally = scale.Tally()
    with Bench(steady=2, stubborn=6, once=1, backoff="10ms", settings="LogSuccess=no\n") as bench:
        kept = [f"{bench.prefix}{name}" for name in ("steady-0", "steady-1", "stubborn-0", "stubborn-1", "once-0")]
        shedding = f"{bench.prefix}stubborn-2"
        text = (bench.daemon.jobs / f"{shedding}.job").read_text().replace("Keep=1000000", "Keep=30")
        bench.daemon.write(shedding, text)
        reader = Reader(bench.daemon.state, bench.daemon.jobs, bench.daemon.settings)
        history = bench.daemon.state / "history"
        bench.compact_at(2)
        bench.start()
        covers, due = set(), time.monotonic() + 3
        for number in range(scale.of(90, 5_000)):
            # Over several compactions, also where dumps are fast.
            time.sleep(0.1)
            reader.everything(*kept)
            reader.newest(kept[2])
            tally.add("dumps", 2)
            if number % 3 == 0:
                tally.add("dumps")
                reader.retained(shedding, 30)
            if number % 10 == 0:
                reader.verify()
                tally.add("verified")
            covers |= {path.name for path in history.glob("*-*.seg")}
            if time.monotonic() > due:
                bench.compact_at(2)
                bench.daemon.reload()
                due = time.monotonic() + 3
        lines = reader.everything(*kept).count(b"\n")
        bench.daemon.stop()
        tally.add("segments", len(list(history.glob("*.seg"))))
        tally.add("compactions", len(covers))
    yield f"({lines} rows at last, {tally})", None
    yield "control: there were compactions, and something to compact", None if covers and lines > 200 else str(tally)


@test
def beside_the_driver():
    """dump in a loop beside a writer that rotates and compacts all the time"""
    tally = scale.Tally()
    with History(options=("--segment", 16384, "--body", 300, "--jobs", 4, "--keep", 8)) as history:
        (history.root / "jobs").mkdir()
        (history.root / "conf").write_text("")
        process = history.start("--rounds", 1_000_000, "append=60", "compact", "beside=37", "rest=5")
        try:
            wait_for(lambda: "compacted" in history.said(), 20, "the first compaction")
            reader = Reader(history.root, history.root / "jobs", history.root / "conf")
            for number in range(scale.of(60, 3_000)):
                for job in ("job-0", "job-1"):
                    reader.retained(job, 8)
                    reader.newest(job, 5)
                    tally.add("dumps", 2)
                if number % 10 == 0:
                    reader.verify()
                    tally.add("verified")
            check(process.poll() is None, f"the writer ended with {process.returncode}: {history.complaints()}")
        finally:
            process.kill()
            process.wait()
        tally.add("compactions", history.said().count("compacted"))
        history.verify()
    yield f"({tally})", None
    yield "control: it compacted meanwhile", None if tally["compactions"] > 30 else str(tally)
