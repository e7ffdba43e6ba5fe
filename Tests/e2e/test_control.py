"""Control of a running daemon, by routes and by the tool: runs, pauses, reloads."""

import json

import behaviours as do
from api import ROOT, ApiDaemon
from daemon import at, check, job, wait_for
from hostile import Server
from suite import test


@test
def run():
    """a run by hand is recorded as any other, leaves the schedule alone, and the tool's exit status is its result"""
    server = Server()
    url = f"http://127.0.0.1:{server.listen('polite', do.polite)}"
    with ApiDaemon({"good": job(url + "/", "Every=1d"),
                    "second": job(url + "/plan/second/500.200", "OnDemand=yes", retry=("BackoffDelay=1s",)),
                    "bad": job("http://127.0.0.1:1/", "Every=1d")}).start() as daemon:
        due = daemon.get(f"{ROOT}/jobs/good").document["data"]["next_run_at"]
        run = daemon.post(f"{ROOT}/jobs/good/trigger").document["data"]["run_id"]
        row = daemon.await_executions("good", 1)[0]
        check((row["run_id"], row["trigger"], row["status"]) == (run, "manual", "success"), row)
        check(daemon.get(f"{ROOT}/jobs/good").document["data"]["next_run_at"] == due, "the schedule has moved")
        shown = daemon.tool("run", "second")
        check("attempt 1/4: failed, HTTP 500" in shown and "attempt 2/4: success" in shown, shown)
        shown = daemon.tool("run", "bad", allowed=(1,))
        check("connect_refused" in shown, shown)
        daemon.tool("run", "nope", allowed=(1,))
        daemon.post(f"{ROOT}/jobs/nope/trigger", 404)


@test
def refusals():
    """a run that Overlap= stands against, of a disabled or a paused job, is 409 and says why"""
    server = Server()
    port = server.listen("silent", do.silent)
    jobs = {"slow": job(f"http://127.0.0.1:{port}/", "Every=1d"),
            "queue": job(f"http://127.0.0.1:{port}/", "Every=1d", more=("Overlap=queue",)),
            "off": job("http://127.0.0.1:1/", "Every=1d", more=("Enabled=no",))}
    with ApiDaemon(jobs).start() as daemon:
        daemon.post(f"{ROOT}/jobs/slow/trigger")
        check("Overlap=skip" in daemon.post(f"{ROOT}/jobs/slow/trigger", 409).document["error"], "no reason")
        daemon.post(f"{ROOT}/jobs/queue/trigger")
        daemon.post(f"{ROOT}/jobs/queue/trigger")
        check("Overlap=queue" in daemon.post(f"{ROOT}/jobs/queue/trigger", 409).document["error"], "no reason")
        check("disabled" in daemon.post(f"{ROOT}/jobs/off/trigger", 409).document["error"], "no reason")
        check("not paused" in daemon.post(f"{ROOT}/jobs/slow/resume", 409).document["error"], "no reason")
        daemon.post(f"{ROOT}/jobs/queue/pause")
        check("paused" in daemon.post(f"{ROOT}/jobs/queue/trigger", 409).document["error"], "no reason")


@test
def pauses():
    """a pause ends what waits, survives kill -9, says who, since when and why; resumed, nothing is caught up"""
    server = Server()
    url = f"http://127.0.0.1:{server.listen('polite', do.polite)}/"
    with ApiDaemon({"often": job(url), "retries": job("http://127.0.0.1:1/", "OnDemand=yes", retry=("BackoffDelay=1h",)),
                    "until": job(url)}).start() as daemon:
        daemon.await_executions("often", 2)
        daemon.post(f"{ROOT}/jobs/retries/trigger")
        daemon.await_executions("retries", 1)
        daemon.tool("pause", "often", "retries", "--reason", "new rates")
        ends, _ = at(4)
        daemon.post(f"{ROOT}/jobs/until/pause", form=f"until={ends}")
        wait_for(lambda: [note["reason"] for note in daemon.notes("retries")] == ["paused"], 5, "the note of the retry")
        daemon.kill()
        daemon.start()
        shown = daemon.tool("status")
        check("often since" in shown and "new rates" in shown and "root" in shown.replace("uid 0", "root"), shown)
        pauses = {one["job"]: one for one in daemon.get(f"{ROOT}/status").document["data"]["pauses"]}
        check(pauses["often"]["reason"] == "new rates" and pauses["often"]["by"].startswith("uid"), pauses)
        check(pauses["until"]["until"] == ends, pauses)
        check("paused" in daemon.tool("list"), daemon.tool("list"))
        check(daemon.get(f"{ROOT}/jobs/often").document["data"]["enabled"] is False, "shown as enabled")
        count = len(daemon.executions("until"))
        daemon.await_executions("until", count + 2)
        check(daemon.notes("until")[-1]["reason"] == "paused", daemon.notes("until"))
        before = daemon.executions("often")
        daemon.tool("resume", "--all")
        rows = daemon.await_executions("often", len(before) + 2)
        note = daemon.notes("often")[-1]
        check(note["reason"] == "paused" and note["count"] >= 4, note)
        # Nothing of the pause was carried out, and nothing of it twice.
        after = [row["scheduled_at"] for row in rows[len(before):]]
        check(all(moment > note["last_scheduled_at"] for moment in after) and len(set(after)) == len(after), note, after)


@test
def reload():
    """a reload by route or tool waits, and tells what is wrong; the exit status is 1 if a file was refused"""
    with ApiDaemon({"fine": job("http://127.0.0.1:1/", "Every=1d")}).start() as daemon:
        check("nothing changed" in daemon.tool("reload"), "not told")
        daemon.write("typo", "[Job]\nEvery=1h\n[Request]\nURI=http://127.0.0.1/\n")
        done = daemon.process_of_tool("reload", "--socket", str(daemon.path))
        check(done.returncode == 1 and "typo.job:4:" in done.stderr and "1 file in error" in done.stdout, done)
        answer = daemon.post(f"{ROOT}/reload", 200).document["data"]
        check(any("URL=" in one["text"] and one["severity"] == "error" for one in answer["diagnostics"]), answer)
        daemon.settings.write_text("[Daemon]\nMaxConcurrent=many\n")
        broken = daemon.post(f"{ROOT}/reload", 422).document
        check("nothing was changed" in broken["error"] and broken["diagnostics"], broken)
        check(json.loads(daemon.tool("status", "-o", "json"))["in_error"] == 1, "status does not count it")
