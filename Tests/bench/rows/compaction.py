"""Rows 13 and 4: ten million executions of ten thousand jobs, compacted to one million.

Row 13 is `httpcron compact` beside `cp` of what it reads and of what it writes; row 4 the lateness of one call a second
with a compaction running in the daemon and, just before it, without one. `--executions N` makes the history smaller
for a quick look."""

import glob
import os
import shutil
import subprocess
import sys
import time

from build import Failed
from measure import Daemon, Process, Server, job
from report import Line, percentile

JOBS = 10_000
CALM = 60  # seconds of calls before the compaction begins
CATCH = 20


def run(bench):
    lines, memory, took, copied, late, calm = [], [], [], [], [], []
    with bench.directory() as directory:
        master = os.path.join(directory, "master")
        _fill(bench, master)
        for _ in range(bench.pairs):
            seconds, peak, cp = _offline(bench, directory, master)
            took.append(seconds)
            memory.append(peak / 2**20)
            copied.append(cp)
        lines.append(Line(13, f"compaction of {bench.executions:,} executions", "s", took, copied, target="≤ 3×"))
        lines.append(Line(13, "… its peak memory, the program itself included", "MB", memory, compare=None,
                          target="< 64 MB"))
        for _ in range(max(1, bench.pairs // 2)):
            without, while_it_runs, above, seconds = _online(bench, directory, master)
            calm.append(percentile(without, 99) / 1e3)
            late.append(percentile(while_it_runs, 99) / 1e3)
            print(f"compacting took {seconds:.0f} s in the daemon, {above / 2**20:.1f} MB above idle, "
                  f"{len(while_it_runs)} calls meanwhile, p50 {percentile(while_it_runs, 50) / 1e3:.2f} ms "
                  f"against {percentile(without, 50) / 1e3:.2f}", file=sys.stderr, flush=True)
        lines.append(Line(4, "lateness while compacting, beside not compacting, p99", "ms", late, calm,
                          compare="difference", target="+ 1 ms", digits=3))
    return lines


def _fill(bench, state):
    os.makedirs(state)
    driver = os.path.join(bench.programs, "HistoryDriver")
    if not os.path.exists(driver):
        raise Failed(f"there is no {driver}: swift build -c release --static-swift-stdlib --product HistoryDriver")
    subprocess.run([driver, "fill", os.path.join(state, "history"), "--jobs", str(JOBS),
                    "--executions", str(bench.executions)], check=True, stdout=subprocess.DEVNULL)


def _linked(master, directory, name):
    """The same segments under another name: a compaction removes its inputs and changes none."""
    state = os.path.join(directory, name)
    shutil.copytree(master, state, copy_function=os.link)
    return state


def _jobs_in(bench, state):
    """Job ids of the history, in no order: the first, the middle and the last that a dump shows."""
    dump = subprocess.run([_tool(bench), "dump", "--state", state, "-n", "3", "-o", "jsonl"], check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    return sorted({line.partition('"job":"')[2].partition('"')[0] for line in dump.splitlines()})


def _tool(bench):
    return os.path.join(bench.programs, "httpcron")


def _newest(bench, state, name):
    return subprocess.run([_tool(bench), "dump", name, "--state", state, "-n", "20", "-o", "json"], check=True,
                          stdout=subprocess.PIPE).stdout


def _offline(bench, directory, master):
    """Seconds, peak memory, and the seconds of cp."""
    state = _linked(master, directory, "offline")
    jobs = os.path.join(directory, "no-jobs")
    os.makedirs(jobs, exist_ok=True)
    before = {name: _newest(bench, state, name) for name in _jobs_in(bench, state)}
    inputs = glob.glob(os.path.join(state, "history", "*.seg"))
    for path in inputs:
        subprocess.run(["cp", path, os.devnull], check=True)  # both sides begin with the page cache warm
    start = time.perf_counter()
    with Process([_tool(bench), "compact", "--state", state, "--jobs", jobs], stdout=subprocess.DEVNULL) as tool:
        peak = _peak_of(tool)
    seconds = time.perf_counter() - start
    if before != {name: _newest(bench, state, name) for name in before}:
        raise Failed("a dump answers otherwise after the compaction than before it")
    target = os.path.join(directory, "copy")
    os.makedirs(target)
    written = glob.glob(os.path.join(state, "history", "*.seg"))
    start = time.perf_counter()
    masters = glob.glob(os.path.join(master, "history", "*.seg"))
    subprocess.run(["cp", *masters, target], check=True)
    subprocess.run(["cp", *written, target], check=True)
    subprocess.run(["sync", "-f", target], check=True)
    copied = time.perf_counter() - start
    shutil.rmtree(target)
    shutil.rmtree(state)
    return seconds, peak, copied


def _peak_of(tool):
    """The most memory that a program has held by its end."""
    peak = 0
    while tool.process.poll() is None:
        try:
            peak = max(peak, tool.memory("VmHWM"))
        except (OSError, Failed):
            pass
        time.sleep(0.02)
    if tool.process.returncode != 0:
        raise Failed(f"httpcron compact ended with {tool.process.returncode}")
    return peak


def _online(bench, directory, master):
    """Lateness in microseconds of the calls before and while the daemon compacts, its memory above idle, and how long
    the compaction took."""
    place = os.path.join(directory, "online")
    os.makedirs(place)
    begin = time.time() + CATCH + CALM
    clock = time.strftime("%H:%M:%S", time.gmtime(begin))
    begin = int(begin)
    with Server(bench, "--close") as server:
        jobs = {"tick": job("Every=1s", server.port, 1)}
        with Daemon(bench, place, jobs, settings=[f"CompactAt={clock}", "HistoryMaxUse=1T", "HistoryKeepFree=0"],
                    history=os.path.join(master, "history")) as daemon:
            if time.time() > begin - CALM:
                raise Failed("the daemon took too long to start")
            time.sleep(max(0, begin - CALM - time.time()))
            server.reset()
            time.sleep(max(0, begin - time.time() - 0.5))
            without = _lateness(server)
            idle = daemon.memory()
            daemon.forget_peak()
            server.reset()
            seconds = _until_compacted(daemon.state, begin)
            while_it_runs = _lateness(server)
            above = daemon.memory("VmHWM") - idle
    shutil.rmtree(place)
    return without, while_it_runs, above, seconds


def _lateness(server):
    return [(at + 500_000) % 1_000_000 - 500_000 for at in server.arrivals().at]


def _until_compacted(state, begin):
    """Seconds from `begin` until the history is one cover and what has been written since."""
    while time.time() < begin + 3_600:
        time.sleep(0.25)
        names = [name for name in os.listdir(os.path.join(state, "history")) if name.endswith(".seg")]
        if len(names) <= 2 and any("-" in name for name in names):
            return time.time() - begin
    raise Failed("no compaction within an hour")
