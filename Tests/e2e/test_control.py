"""Control of a running daemon, by routes and by the tool: runs, pauses, reloads."""

import json

import behaviours as do
from api import ROOT, WRITER, ApiDaemon, instant, raw, status_of
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
        done = daemon.process_of_tool("run", "nope", "--socket", str(daemon.path))
        check(done.returncode == 1 and "nope" in done.stderr, done)
        daemon.post(f"{ROOT}/jobs/nope/trigger", 404)
        check("success" in daemon.tool("run", "goo*"), "a glob that one job fits is not taken")


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
def everything():
    """pause --all leaves out what is disabled or paused already, resume --all ends every pause, and neither asks twice"""
    with ApiDaemon({"one": job("http://127.0.0.1:1/", "Every=1d"), "two": job("http://127.0.0.1:1/", "Every=1d"),
                    "before": job("http://127.0.0.1:1/", "Every=1d"),
                    "off": job("http://127.0.0.1:1/", "Every=1d", more=("Enabled=no",))}).start() as daemon:
        def pauses():
            return {one["job"]: one["reason"] for one in daemon.get(f"{ROOT}/status").document["data"]["pauses"]}

        def complaint(verb):
            done = daemon.process_of_tool(verb, "--all", "--socket", str(daemon.path))
            return done.stderr if done.returncode == 0 and not done.stdout else str(done)

        daemon.tool("pause", "before", "--reason", "first")
        shown = daemon.tool("pause", "--all", "--reason", "second")
        check(shown.splitlines() == ["one is paused", "two is paused"], shown)
        check(pauses() == {"before": "first", "one": "second", "two": "second"}, pauses())
        check(complaint("pause").endswith("nothing to do\n"), complaint("pause"))
        shown = daemon.tool("resume", "--all")
        check(sorted(shown.splitlines()) == ["before goes on", "one goes on", "two goes on"] and not pauses(), shown)
        check(complaint("resume").endswith("nothing to do\n"), complaint("resume"))


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


@test
def beside():
    """runs by hand beside the schedule: each is recorded as manual, and no occurrence is missing or moved"""
    server = Server()
    url = f"http://127.0.0.1:{server.listen('polite', do.polite)}/"
    with ApiDaemon({"often": job(url, more=("Overlap=allow",))}).start() as daemon:
        daemon.await_executions("often", 2)
        runs = [daemon.post(f"{ROOT}/jobs/often/trigger", token=WRITER).document["data"]["run_id"] for _ in range(5)]
        daemon.await_log("often: a run is asked for by an API token")
        rows = daemon.await_executions("often", 10)
        check(len(set(runs)) == 5, runs)
        check({row["run_id"] for row in rows if row["trigger"] == "manual"} == set(runs), rows)
        due = [instant(row["scheduled_at"]) for row in rows if row["trigger"] == "schedule"]
        check(len(due) >= 3 and due == [due[0] + number for number in range(len(due))], rows)
        check(not daemon.notes("often"), daemon.notes("often"))


@test
def mistakes():
    """what is wrong with a question is told, field by field, and nothing is done"""
    with ApiDaemon({"quiet": job("http://127.0.0.1:1/", "Every=1d")}).start() as daemon:
        pause = f"{ROOT}/jobs/quiet/pause"
        for form, field in {"until=tomorrow": "until", "until=": "until", "until=2026-01-01T00:00:00": "until",
                            "until=2001-01-01T00:00:00Z": "until", "reason=" + "x" * 1_001: "reason"}.items():
            answer = daemon.post(pause, 422, form=form).document
            check(answer["error"] == "Validation failed" and list(answer["details"]) == [field], form, answer)
            check(daemon.post(f"{pause}?{form}", 422).document == answer, "another answer to a query", form)
        with daemon.local() as connection:
            body = b'{"reason":"none"}'
            reply = raw(connection, b"POST %s HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
                        b"Connection: close\r\n\r\n%s" % (pause.encode(), len(body), body))
        check(status_of(reply) == 422 and b"must be a form" in reply, reply)
        for route in ("trigger", "pause", "resume"):
            check(daemon.post(f"{ROOT}/jobs/nope/{route}", 404).document == {"error": "Not found"}, route)
            check(daemon.get(f"{ROOT}/jobs/quiet/{route}", 405).headers["allow"] == "POST", route)
        check(not daemon.get(f"{ROOT}/status").document["data"]["pauses"] and not daemon.record(), "something was done")
        daemon.post(pause, form="reason=" + "x" * 1_000 + "&until=2999-12-24T18:00:00%2B01:00")
        told = daemon.get(f"{ROOT}/status").document["data"]["pauses"][0]
        check((told["until"], told["reason"], told["by"]) == ("2999-12-24T17:00:00Z", "x" * 1_000, "uid 0"), told)


@test
def lasting():
    """a pause is there as it was after kill -9, a restart and a reload, and another one takes its place"""
    with ApiDaemon({"quiet": job("http://127.0.0.1:1/", "Every=1d"), "free": job("http://127.0.0.1:1/", "Every=1d")}) as daemon:
        daemon.start()
        daemon.post(f"{ROOT}/jobs/quiet/pause", token=WRITER, form="reason=%C3%BCber+%22Nacht%22&until=2999-01-01T00:00:00Z")

        def pauses():
            return daemon.get(f"{ROOT}/status").document["data"]["pauses"]

        first = pauses()
        check([(one["job"], one["by"], one["reason"], one["until"]) for one in first]
              == [("quiet", "an API token", 'über "Nacht"', "2999-01-01T00:00:00Z")], first)
        for end in (daemon.kill, daemon.stop, daemon.kill):
            end()
            daemon.start()
            check(pauses() == first, "not the same", first, pauses())
            daemon.post(f"{ROOT}/jobs/quiet/trigger", 409)
        daemon.write("quiet", job("http://127.0.0.1:2/", "Every=1h"))
        daemon.post(f"{ROOT}/reload", 200)
        check(pauses() == first, "a reload has changed it", pauses())
        daemon.post(f"{ROOT}/jobs/quiet/pause")
        daemon.kill()
        daemon.start()
        second = pauses()
        check(len(second) == 1 and (second[0]["reason"], second[0]["until"]) == ("", None), second)
        daemon.post(f"{ROOT}/jobs/quiet/resume")
        daemon.kill()
        daemon.start()
        check(pauses() == [], "resumed, and paused again", pauses())
        daemon.post(f"{ROOT}/jobs/quiet/resume", 409)
