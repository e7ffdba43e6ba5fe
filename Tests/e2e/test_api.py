"""The API as its clients see it: routes and documents, who may what, health and metrics."""

import collections
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import time

import behaviours as do
import daemon as harness
from api import READER, ROOT, SCRAPER, TOKENS, WRITER, ApiDaemon, instant
from daemon import check, job, wait_for
from hostile import Server
from suite import Skip, test

NINE = ["id", "status", "http_status", "response_body", "error", "attempt", "duration_ms", "started_at", "finished_at"]
JOB = ["id", "name", "schedule_type", "schedule", "timezone", "url", "method", "headers", "timeout_ms", "max_retries",
       "enabled", "failure_notify", "last_status", "last_run_at", "next_run_at", "created_at", "updated_at"]


def executions(daemon, name, query="", **more):
    return daemon.get(f"{ROOT}/jobs/{name}/executions{query}", **more).document["data"]


@test
def document():
    """the request of the page this began from, by curl, gives its document: nine fields in their order, newest first"""
    server = Server()
    url = f"http://127.0.0.1:{server.listen('polite', do.polite)}/"
    key, token = "a1b2c3d4-5e6f-7a8b-9c0d-1e2f3a4b5c6d", "kr_live_abc123def456"
    jobs = {"health": job(url + "plan/health/200.200.500.200.200.200.200.200.200", more=(f"Id={key}",)),
            "large": job(url + "bytes/5000"), "bad": job("http://127.0.0.1:1/")}
    with ApiDaemon(jobs, tokens=f"{token} cron:read\n").start() as daemon:
        daemon.await_executions(key, 6)
        shown = subprocess.run(
            ["curl", "-s", "-i", f"http://127.0.0.1:{daemon.port}/api/v1/cron/jobs/{key}/executions?limit=5",
             "-H", f"Authorization: Bearer {token}"], capture_output=True, text=True, timeout=20)
        head, text = shown.stdout.split("\n\n", 1)
        check(head.startswith("HTTP/1.1 200 OK\n") and "\nContent-Type: application/json" in head, head)
        check(text.startswith('{"data":[{"id":"') and list(json.loads(text)) == ["data"], text)
        rows = json.loads(text)["data"]
        check(len(rows) == 5 and all(list(row) == NINE for row in rows), rows)
        for row in rows:
            good = row["status"] == "success"
            check(row["status"] in ("success", "failed") and row["http_status"] == (200 if good else 500), row)
            check(row["error"] == (None if good else "HTTP 500") and row["attempt"] == 1, row)
            check(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", row["id"]), row)
            check(isinstance(row["duration_ms"], int) and isinstance(row["response_body"], str), row)
            check(all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", row[at]) for at in NINE[-2:]), row)
        check([row["status"] for row in rows].count("failed") == 1, rows)
        moments = [row["started_at"] for row in rows]
        check(moments == sorted(moments, reverse=True) and len(set(moments)) == 5, moments)
        # The same as in the record.
        record = {row["id"]: row for row in daemon.executions(key)}
        check(all(record[row["id"]]["duration_ms"] == row["duration_ms"] for row in rows), rows, record)
        large = executions(daemon, "large", "?limit=1")[0]["response_body"]
        check(large == "x" * 2048 + "...[truncated]", large)
        bad = executions(daemon, "bad", "?limit=1")[0]
        check((bad["status"], bad["http_status"], bad["response_body"]) == ("failed", None, None) and bad["error"], bad)


@test
def limits():
    """limit= is 1 to 100 and 20 by default; anything else is 422, told field by field"""
    server = Server()
    url = f"http://127.0.0.1:{server.listen('polite', do.polite)}/"
    jobs = {f"j{number}": job(url) for number in range(2)}
    with ApiDaemon({**jobs, "many": job(url, "Every=1s", more=("Overlap=allow",))}).start() as daemon:
        for _ in range(130):
            daemon.post(f"{ROOT}/jobs/many/trigger")
        daemon.await_executions("many", 130)
        wait_for(lambda: len(executions(daemon, "many", "?limit=100")) == 100, 5, "a hundred of them on the disk")
        check(len(executions(daemon, "many")) == 20, "not 20 by default")
        check(len(executions(daemon, "many", "?limit=1")) == 1, "not one")
        for query, words in {"0": "must be greater than 0", "101": "must be less than or equal to 100",
                             "abc": "is invalid", "": "is invalid", "-1": "is invalid", "1&limit=2": "is invalid",
                             "99999999999999999999": "is invalid"}.items():
            answer = daemon.get(f"{ROOT}/jobs/many/executions?limit={query}", 422).document
            check(answer == {"error": "Validation failed", "details": {"limit": [words]}}, query, answer)


@test
def history():
    """the document is the same before, while and after a compaction, and through a restart"""
    server = Server()
    url = f"http://127.0.0.1:{server.listen('polite', do.polite)}/bytes/2048"
    jobs = {f"j{number}": job(url, history=("Keep=30",)) for number in range(60)}
    with ApiDaemon(jobs, "SegmentSize=1M\n").start() as daemon:
        daemon.await_executions("j7", 12, 40)
        for name in list(jobs):
            (daemon.jobs / f"{name}.job").write_text(jobs[name].replace("Every=1s", "Every=1d"))
        daemon.post(f"{ROOT}/reload", 200)
        time.sleep(1)
        daemon.post(f"{ROOT}/jobs/j8/pause", form="reason=while+it+is+compacted")
        paused = daemon.get(f"{ROOT}/status").document["data"]["pauses"]
        before = executions(daemon, "j7", "?limit=100")
        check(len(before) >= 12, len(before))
        soon = time.strftime("%H:%M:%S", time.gmtime(time.time() + 2))
        daemon.settings.write_text(f"[Daemon]\nWatchJobs=no\nSegmentSize=1M\nCompactAt={soon}\n")
        daemon.post(f"{ROOT}/reload", 200)
        deadline = time.monotonic() + 20
        while "compacted" not in daemon.log_text() and time.monotonic() < deadline:
            check(executions(daemon, "j7", "?limit=100") == before, "another answer while it compacts")
        check("compacted" in daemon.log_text(), daemon.log_text()[-2000:])
        check(executions(daemon, "j7", "?limit=100") == before, "another answer after the compaction")
        daemon.stop()
        daemon.start()
        check(executions(daemon, "j7", "?limit=100") == before, "another answer after a restart")
        check(len(paused) == 1 and daemon.get(f"{ROOT}/status").document["data"]["pauses"] == paused, "the pause is lost")


@test
def tokens():
    """TCP wants a token with the right scope, and follows a change of the tokens; without tokens it is closed to all"""
    with ApiDaemon({"quiet": job("http://127.0.0.1:1/", "Every=1d")}).start() as daemon:
        route = f"{ROOT}/jobs/quiet"
        for token in (None, "", "wrong-token-0123456789", READER[:-1], READER + "0"):
            answer = daemon.get(route, 401, token=token, local=False)
            check(answer.document == {"error": "Invalid or missing API key"}, answer.body)
            check(answer.headers["www-authenticate"].startswith("Bearer"), answer.headers)
        daemon.get(route, 200, token=READER)
        check(daemon.post(f"{route}/pause", 403, token=READER).document == {"error": "Insufficient scope"}, "not 403")
        daemon.get(route, 403, token=SCRAPER)
        daemon.get("/metrics", 200, token=SCRAPER)
        daemon.get("/healthz", 200, token=None, local=False)
        daemon.post(f"{route}/pause", 202, token=WRITER)
        daemon.write_tokens(TOKENS.replace(READER, "another-token-0123456789") + "short cron:read\n")
        daemon.get(route, 401, token=READER)
        daemon.get(route, 200, token="another-token-0123456789")
        daemon.await_log("api-tokens:6", "16 characters")
        check("another-token" not in daemon.log_text() and READER not in daemon.log_text(), "a token is in the log")
        (daemon.credentials / "api-tokens").unlink()
        daemon.get(route, 401, token="another-token-0123456789")


@test
def routes():
    """unknown jobs and paths are 404, wrong methods 405; a job object has its keys in order, and no header's value"""
    secret = job("http://127.0.0.1:1/x?y=${job}", "Cron=0 7 * * Mon-Fri", more=("TimeZone=Europe/Berlin",),
                 request=("Header=X-Api-Key: hunter2", "Method=POST"))
    with ApiDaemon({"invoices": secret, "off": job("http://127.0.0.1:1/", "Every=5min", more=("Enabled=no",))}).start() as daemon:
        rows = daemon.get(f"{ROOT}/jobs").document["data"]
        check([list(row) for row in rows] == [JOB, JOB] and rows[0]["id"] == "invoices", rows)
        one = daemon.get(f"{ROOT}/jobs/invoices").document["data"]
        check(one == rows[0] and one["headers"] == {"X-Api-Key": "***"} and one["schedule"] == "0 7 * * Mon-Fri", one)
        check(one["timezone"] == "Europe/Berlin" and one["method"] == "POST" and one["next_run_at"], one)
        check((rows[1]["schedule"], rows[1]["enabled"], rows[1]["next_run_at"]) == ("every_5m", False, None), rows[1])
        for path in ("/", "/api", f"{ROOT}/jobs/nope", f"{ROOT}/jobs/nope/executions", f"{ROOT}/jobs/invoices/x",
                     f"{ROOT}/jobs/", f"{ROOT}/jobs/invoices/executions/"):
            check(daemon.get(path, 404).document == {"error": "Not found"}, path)
        check(daemon.post(f"{ROOT}/jobs", 405).headers["allow"] == "GET, HEAD", "no Allow")
        check(daemon.get(f"{ROOT}/jobs/invoices/trigger", 405).headers["allow"] == "POST", "no Allow")
        for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "get", "NONSENSE"):
            answer = daemon.ask(f"{ROOT}/jobs/invoices", method)
            check((answer.status, answer.headers["allow"]) == (405, "GET, HEAD"), method, answer.status)
        head = daemon.ask(f"{ROOT}/jobs", "HEAD")
        check(head.status == 200 and head.body == b"" and int(head.headers["content-length"]) > 100, head.headers)
        check("hunter2" not in str(rows) + daemon.log_text(), "a header's value is shown")


NOBODY = ("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups")


def can_be_nobody():
    """Root may, but not who is root in a namespace that has no other users."""
    return subprocess.run([*NOBODY, "true"], capture_output=True).returncode == 0


def as_nobody(daemon, path, *arguments):
    """The body and the status of what somebody gets who is neither root nor the daemon's user."""
    return subprocess.run(
        [*NOBODY, "curl", "-s", "-w", "%{http_code}", "--unix-socket", str(daemon.path), *arguments,
         f"http://localhost{path}"], capture_output=True, text=True, timeout=20).stdout


@test
def peers():
    """by the Unix socket root may do everything, others read; the socket is 0660, and nobody else's is taken over"""
    if not can_be_nobody():
        yield "somebody else asks", Skip("needs root")
        return
    with ApiDaemon({"quiet": job("http://127.0.0.1:1/", "Every=1d")}).start() as daemon:
        mode = stat.S_IMODE(os.stat(daemon.path).st_mode)
        yield "mode", None if mode == 0o660 else f"mode {mode:o}"
        os.chmod(daemon.root, 0o755)
        os.chmod(daemon.path, 0o666)

        for path in (f"{ROOT}/jobs", f"{ROOT}/jobs/quiet", f"{ROOT}/jobs/quiet/executions", f"{ROOT}/status", "/metrics"):
            read = as_nobody(daemon, path)
            yield f"nobody reads {path}", None if read.endswith("200") else read
        for path in ("/jobs/quiet/trigger", "/jobs/quiet/pause", "/jobs/quiet/resume", "/reload"):
            write = as_nobody(daemon, ROOT + path, "-X", "POST")
            yield f"nobody does not {path}", None if write == '{"error":"Insufficient scope"}403' else write
        # A token is not what is asked for here.
        write = as_nobody(daemon, f"{ROOT}/reload", "-X", "POST", "-H", f"Authorization: Bearer {WRITER}")
        yield "nobody stays nobody with a token", None if write.endswith("403") else write
        yield "root does", None if daemon.ask(f"{ROOT}/jobs/quiet/pause", "POST").status == 202 else "it may not"
        second = subprocess.run(daemon.command("--state", str(daemon.root / "other")), capture_output=True, text=True,
                                timeout=20)
        taken = second.returncode != 0 and "another httpcrond has it" in second.stderr
        yield "a socket in use is refused", None if taken else second.stderr
        yield "and stays", None if daemon.path.exists() and daemon.ask("/healthz").status == 200 else "it is gone"
        daemon.kill()
        daemon.start()
        answer = daemon.ask("/healthz").status
        yield "a stale one is replaced", None if answer == 200 else str(answer)


@test
def own_user():
    """a daemon that is not root's obeys its own user and root"""
    if not can_be_nobody():
        raise Skip("needs root")
    with ApiDaemon({"quiet": job("http://127.0.0.1:1/", "Every=1d")}) as daemon:
        # Where the programs were built is not everybody's to look at. Copied by another process: one that a test beside
        # this one starts meanwhile would inherit the file as open for writing, and the kernel runs no such program.
        daemon.program = daemon.root / "httpcrond"
        subprocess.run(["cp", str(harness.PROGRAMS / "httpcrond"), str(daemon.program)], check=True)
        for path in (daemon.root, *daemon.root.rglob("*")):
            os.chown(path, 65534, 65534)
        daemon.prefix = NOBODY
        daemon.start()
        check(os.stat(daemon.path).st_uid == 65534 and os.stat(f"/proc/{daemon.process.pid}").st_uid == 65534, "is root's")
        paused = as_nobody(daemon, f"{ROOT}/jobs/quiet/pause", "-X", "POST")
        check(paused == '{"data":{}}202', paused)
        check(daemon.get(f"{ROOT}/status").document["data"]["pauses"][0]["by"] == "uid 65534", "not told who")
        daemon.post(f"{ROOT}/jobs/quiet/resume")


@test
def health():
    """/healthz is 200, and 503 with the reason while the history cannot be written"""
    server = Server()
    url = f"http://127.0.0.1:{server.listen('polite', do.polite)}/"
    with ApiDaemon({"steady": job(url)}).start() as daemon:
        daemon.await_executions("steady", 1)
        check(daemon.get("/healthz").document == {"status": "ok"}, "not ok")
        shutil.move(daemon.state / "history", daemon.state / "gone")
        shutil.rmtree(daemon.state / "gone")
        wait_for(lambda: daemon.ask("/healthz").status == 503, 15, "503")
        problems = daemon.get("/healthz", 503).document["problems"]
        check(any("history" in problem for problem in problems), problems)
        (daemon.state / "history").mkdir(mode=0o750)
        wait_for(lambda: daemon.ask("/healthz").status == 200, 15, "200 again")


def scrape(daemon):
    """Each series and its value."""
    text = daemon.get("/metrics").body.decode()
    return dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))


def counted(series):
    """How often each job succeeded and failed, by the metrics."""
    return +collections.Counter({(name, status): int(series[f'httpcron_executions_total{{name="{name}",status="{status}"}}'])
                                 for name in ("good", "bad") for status in ("success", "failed")})


def recorded(daemon):
    """The same, by the record."""
    return collections.Counter((row["job"], row["status"]) for row in daemon.executions())


@test
def metrics():
    """/metrics passes promtool, its counters move, and what lies before a restart is not forgotten"""
    server = Server()
    url = f"http://127.0.0.1:{server.listen('polite', do.polite)}/"
    with ApiDaemon({"good": job(url), "bad": job("http://127.0.0.1:1/")}).start() as daemon:
        daemon.await_executions("good", 2)
        daemon.await_executions("bad", 2)
        text = wait_for(lambda: (page := daemon.get("/metrics").body.decode())
                        and 'httpcron_executions_total{name="bad",status="failed"} 0' not in page and page, 5, "a count")
        if shutil.which("promtool"):
            done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True)
            yield "promtool", None if done.returncode == 0 and not done.stderr else done.stdout + done.stderr
        else:
            yield "promtool", Skip("promtool (Debian's prometheus) is not there")
        values = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
        fine = (float(values['httpcron_job_last_success_timestamp_seconds{name="good"}']) > 1e9
                and 'httpcron_job_last_success_timestamp_seconds{name="bad"}' not in values
                and int(values['httpcron_job_consecutive_failures{name="bad"}']) >= 1
                and values['httpcron_jobs{state="enabled"}'] == "2"
                and int(values['httpcron_start_lateness_seconds_count{name="good"}']) >= 1)
        yield "values", None if fine else text
        for name, target in (("good", url), ("bad", "http://127.0.0.1:1/")):
            daemon.write(name, job(target, "Every=1d"))
        daemon.post(f"{ROOT}/reload", 200)
        wait_for(lambda: counted(scrape(daemon)) == recorded(daemon), 5, "the counters to be those of the record")
        before = recorded(daemon)
        for name in ("good", "bad", "bad"):
            daemon.tool("run", name, allowed=(0, 1))
        wait_for(lambda: counted(scrape(daemon)) == recorded(daemon), 5, "the counters to be those of the record again")
        moved, after = recorded(daemon) - before, scrape(daemon)
        yield "they move", None if moved == {("good", "success"): 1, ("bad", "failed"): 2} else str(moved)
        counts = [int(after[f'httpcron_{series}_seconds_count{{name="{name}"}}']) for name in ("good", "bad")
                  for series in ("execution_duration", "start_lateness")]
        attempts = [count for name in ("good", "bad")
                    for count in [sum(n for (one, _), n in recorded(daemon).items() if one == name)] * 2]
        yield "histograms count the same", None if counts == attempts else f"{counts}, {attempts}"
        daemon.stop()
        daemon.start()
        again = scrape(daemon)
        kept = {key: value for key, value in after.items()
                if key.startswith(("httpcron_job_last_", "httpcron_job_consecutive_failures"))}
        changed = {key: (value, again.get(key)) for key, value in kept.items() if again.get(key) != value}
        yield "seeded from the history", str(changed) if changed or len(kept) != 5 else None
        newest = daemon.executions("good")[-1]["finished_at_us"]
        seed = float(again['httpcron_job_last_success_timestamp_seconds{name="good"}'])
        yield "to the moment of the record", None if abs(seed - instant(newest)) < 0.001 else f"{seed}, {newest}"
        zero = again['httpcron_executions_total{name="good",status="success"}']
        yield "a counter begins anew", None if zero == "0" else zero


@test
def stopped():
    """a stop is not held up by clients that stay connected"""
    with ApiDaemon({"quiet": job("http://127.0.0.1:1/", "Every=1d")}).start() as daemon:
        held = [daemon.local() for _ in range(20)]
        held[0].sendall(b"GET /healthz HTTP/1.1\r\nHost")
        began = time.monotonic()
        daemon.signal(signal.SIGTERM)
        daemon.wait(10)
        check(time.monotonic() - began < 5, "the stop took too long")
        check(not daemon.path.exists(), "the socket file is still there")
