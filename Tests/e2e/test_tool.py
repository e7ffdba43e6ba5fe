"""The operator's side: the demo, one-off tries, and the tool over a record that is being written, copied or torn."""

import json
import os
import re
import shutil
import signal
import subprocess
import time

import behaviours as do
import daemon as programs
from daemon import Daemon, at, check, job, wait_for
from hostile import Server
from suite import test


@test
def demo():
    """httpcrond --demo shows attempts of every kind, and on Ctrl-C how to read their record"""
    process = subprocess.Popen([programs.PROGRAMS / "httpcrond", "--demo"], stdin=subprocess.DEVNULL, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
    time.sleep(8)
    process.send_signal(signal.SIGINT)
    text, _ = process.communicate(timeout=15)
    check(process.returncode == 0, f"ended with {process.returncode}:\n{text}")
    check("HTTP 200" in text and "HTTP 500" in text and "connection_closed" in text, text)
    state = re.search(r"httpcron dump --state (\S+)", text)
    check(state, "does not say how to read the record:", text)
    try:
        shown = subprocess.run([programs.PROGRAMS / "httpcron", "dump", "--state", state[1], "-o", "jsonl", "-n", "all"],
                               capture_output=True, text=True)
        rows = [json.loads(line) for line in shown.stdout.splitlines()]
        check({row.get("error_code") for row in rows} >= {None, "http_status", "connection_closed"}, shown)
    finally:
        shutil.rmtree(os.path.dirname(state[1]), ignore_errors=True)


@test
def tries():
    """`try` sends one real request, shows it with its retries, and records nothing"""
    server = Server()
    url = f"http://127.0.0.1:{server.listen('polite', do.polite)}/plan/x/500.200"
    with Daemon({"call": job(url, "Every=1h", retry=("BackoffDelay=1s",))}) as daemon:
        shown = subprocess.run([programs.PROGRAMS / "httpcron", "try", daemon.jobs / "call.job"], capture_output=True,
                               text=True, timeout=20)
        text = shown.stdout + shown.stderr
        check(shown.returncode == 0 and "500" in text and "200" in text, text)
        check(len(server.seen("call")) == 2, f"{len(server.seen('call'))} requests")
        check(not list(daemon.state.rglob("*.seg")), "something was recorded")
        daemon.write("call", job(f"http://127.0.0.1:{server.hold(False)}/", "Every=1h", retry=("MaxRetries=0",)))
        shown = subprocess.run([programs.PROGRAMS / "httpcron", "try", daemon.jobs / "call.job"], capture_output=True,
                               text=True, timeout=20)
        check(shown.returncode == 1 and "connect_refused" in shown.stdout + shown.stderr, shown)


@test
def questions():
    """list, why and next answer from the files, beside the running daemon"""
    server = Server()
    url = f"http://127.0.0.1:{server.listen('polite', do.polite)}/"
    when, due = at(2)
    with Daemon({"fine": job(url, f"At={when}"), "bad": job(url + "status/500", f"At={when}"),
                 "hourly": job(url, "Every=1h")}) as daemon:
        daemon.start()
        for name in ("fine", "bad"):
            daemon.await_executions(name, 1)
        rows = {row["job"]: row for row in map(json.loads, daemon.tool("list", "-o", "json").splitlines())}
        check(sorted(rows) == ["bad", "fine", "hourly"], rows)
        check("bad" in daemon.tool("list", "--failing", allowed=(1,)), "the failing job is not listed")
        check("500" in daemon.tool("why", "bad", allowed=(0, 1)), "why does not tell the status")
        coming = [json.loads(line) for line in daemon.tool("next", "-n", "3", "-o", "json").splitlines()]
        check(len(coming) == 3 and all(one["job"] == "hourly" for one in coming), coming)
        check(all(re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:00:00Z", one["at"]) for one in coming), coming)
        check(daemon.tool("check") is not None, "no answer")
        daemon.stop()


@test
def follow():
    """dump -f goes on with what happens"""
    server = Server()
    with Daemon({"call": job(f"http://127.0.0.1:{server.listen('polite', do.polite)}/")}) as daemon:
        daemon.start()
        following = subprocess.Popen(
            [programs.PROGRAMS / "httpcron", "dump", "--jobs", daemon.jobs, "--state", daemon.state, "--config",
             daemon.settings, "-f", "-o", "jsonl"], stdout=subprocess.PIPE, text=True)
        try:
            wait_for(lambda: len(server.seen()) >= 5, 10, "five calls")
        finally:
            time.sleep(1.5)
            following.terminate()
        rows = [json.loads(line) for line in following.communicate()[0].splitlines()]
        check(len(rows) >= 5 and len({row["id"] for row in rows}) == len(rows), f"followed {len(rows)} executions")
        check([row["seq"] for row in rows] == sorted(row["seq"] for row in rows), "not in order")
        daemon.stop()
        # What is damaged is told, and the rest shown.
        file = max(daemon.state.rglob("*.seg"), key=lambda path: path.name)
        data = bytearray(file.read_bytes())
        data[8192 + 100] ^= 1
        file.write_bytes(data)
        following = subprocess.Popen(
            [programs.PROGRAMS / "httpcron", "dump", "--jobs", daemon.jobs, "--state", daemon.state, "--config",
             daemon.settings, "-f", "-n", "all"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        time.sleep(1.5)
        following.terminate()
        said = following.communicate()[1]
        check(file.name in said and "corrupt" in said, "dump -f does not tell what it cannot read:", said)


@test
def torn():
    """a copied and a torn history are read as far as they are good, and what was skipped is said"""
    server = Server()
    with Daemon({"call": job(f"http://127.0.0.1:{server.listen('polite', do.polite)}/")}) as daemon:
        daemon.start()
        daemon.await_executions("call", 4)
        copied = daemon.root / "copy"
        shutil.copytree(daemon.state, copied)
        daemon.kill()
        whole = daemon.executions("call")
        newest = max(daemon.state.rglob("*.seg"), key=lambda path: path.stat().st_mtime)
        data = newest.read_bytes()
        # A crash in the middle of a write: half of the last batch is there.
        end = len(data.rstrip(b"\0"))
        newest.write_bytes(data[:end - 20] + b"\0" * (len(data) - end + 20))
        torn_rows = daemon.executions("call")
        check(whole[:len(torn_rows)] == torn_rows and len(torn_rows) >= len(whole) - 1, "more was lost than was torn")
        daemon.state = copied
        check(len(daemon.executions("call")) >= 4, "the copy is not read")


@test
def restart_after_tear():
    """a daemon starts on a torn history, keeps what is good, and goes on"""
    server = Server()
    with Daemon({"call": job(f"http://127.0.0.1:{server.listen('polite', do.polite)}/")}) as daemon:
        daemon.start()
        daemon.await_executions("call", 4)
        daemon.kill()
        before = daemon.executions("call")
        newest = max(daemon.state.rglob("*.seg"), key=lambda path: path.stat().st_mtime)
        data = newest.read_bytes()
        end = len(data.rstrip(b"\0"))
        newest.write_bytes(data[:end - 20])
        daemon.start()
        after = daemon.await_executions("call", len(before) + 2)
        check(after[:len(before) - 1] == before[:-1], "what was good did not survive")
        check([row["seq"] for row in after] == sorted(row["seq"] for row in after), "not in order")
        daemon.stop()


@test
def command_line():
    """mistakes on the command line end with 2 and a sentence; --version and --help answer"""
    for program in ("httpcrond", "httpcron"):
        for arguments, code in ((["--nonsense"], 2), (["--version"], 0), (["--help"], 0)):
            done = subprocess.run([programs.PROGRAMS / program, *arguments], capture_output=True, text=True, timeout=10)
            check(done.returncode == code, f"{program} {arguments} ended with {done.returncode}: {done.stderr}")
            check(done.stdout if code == 0 else done.stderr, f"{program} {arguments} said nothing")
