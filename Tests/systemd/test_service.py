"""A day in the life of the service."""

import itertools
import json
import time

from daemon import at, job
from service import URL, check, sleep_until, wait_for
from suite import test

service = None  # set by the runner

SUCCEEDED = "6c2d261b2d1f4851a8734ab6b2a27627"
WILL_RETRY = "3ec85ca8e5d14beea7e68799041b76a6"
RUN_FAILED = "97f6543291ff4318997e40f420f8044a"
FAILING = "b112ba868b374dcf8ac84327736cef70"
COMPACTED = "bb1f5e1ac18344c597bcf9ddb1de4ea1"
RELOADED = "b9783281809b45eda6e67d2fdbf92d55"


@test
def drop_in():
    """a job file that is dropped in is picked up by a reload, and called at its due seconds"""
    service.start_clean()
    service.write("steady", job(URL, "Every=2s"))
    service.reload()
    check("steady" in service.run("httpcron", "list"), "not listed")
    for one in service.await_seen("steady", 3):
        late = one.at % 2
        check(late < 0.5, f"called {late:.3f} s after it was due")
        due = time.strptime(one.header("X-Httpcron-Scheduled-At")[:19], "%Y-%m-%dT%H:%M:%S")
        check(due.tm_sec == int(one.at % 60), f"the call of {one.at} was due at {due.tm_sec} s")
    check(service.journal(f"MESSAGE_ID={RELOADED}"), "the log does not tell of the reload")


@test
def failing():
    """a failing job is retried at its backoff, and then its OnFailure= fires"""
    when, due = at(2)
    service.write("broken", job(URL + "status/500", f"At={when}", more=("OnFailure=alarm",),
                                retry=("MaxRetries=2", "BackoffDelay=1s")))
    service.write("alarm", job(URL, "OnDemand=yes", ("Body=${failed.execution}",)))
    service.reload()
    alarm = service.await_seen("alarm")[0]
    calls = service.seen("broken")
    gaps = [later.at - earlier.at for earlier, later in itertools.pairwise([*calls, alarm])]
    check(len(calls) == 3 and 0 <= calls[0].at - due < 0.7, [one.at - due for one in calls])
    check(0.98 <= gaps[0] < 1.7 and 1.98 <= gaps[1] < 2.7 and gaps[2] < 1, gaps)
    check(json.loads(alarm.body)["attempt"] == 3, alarm.body)


@test
def journal():
    """the journal has the fields, with the priorities that alerts are made of"""
    service.await_executions("alarm", 1)
    lines = {}
    for line in service.journal():
        lines.setdefault((line.get("MESSAGE_ID"), line.get("HTTPCRON_JOB")), []).append(line)
    rows = {row["attempt"]: row for row in service.executions("broken")}
    for (kind, name), priority, attempt in (
            ((WILL_RETRY, "broken"), "5", 1), ((FAILING, "broken"), "3", 3), ((SUCCEEDED, "alarm"), "6", 1)):
        check((kind, name) in lines, f"no line of {name} with MESSAGE_ID={kind}")
        line = lines[kind, name][0]
        check(line["PRIORITY"] == priority, line)
        check(line["HTTPCRON_ATTEMPT"] == str(attempt), line)
        check(line["HTTPCRON_DURATION_USEC"].isdigit(), line)
        check(name in line["MESSAGE"], line)
        if name == "broken":
            check(line["HTTPCRON_RUN_ID"] == rows[attempt]["run_id"], line, rows[attempt])
            check((line["HTTPCRON_STATUS"], line["HTTPCRON_HTTP_STATUS"], line["HTTPCRON_ERROR_CODE"])
                  == ("failed", "500", "http_status"), line)
        else:
            check(line["HTTPCRON_STATUS"] == "success" and "HTTPCRON_ERROR_CODE" not in line, line)
    explained = service.run("journalctl", "-u", "httpcron", "-x", "--no-pager", f"MESSAGE_ID={FAILING}")
    check("The job broken is failing" in explained, explained)
    # The journal's own fields make `systemctl status` name the job; nothing of it is text that would need parsing.
    check(all(line["_SYSTEMD_UNIT"] == "httpcron.service" for many in lines.values() for line in many
              if line.get("HTTPCRON_JOB")), "lines of another unit")


@test
def document():
    """dump -o json is the hosted service's document to the letter"""
    document = json.loads(service.run("httpcron", "dump", "broken", "-o", "json"))
    check(list(document) == ["data"] and len(document["data"]) == 3, document)
    for attempt, one in zip((3, 2, 1), document["data"]):
        check(list(one) == ["id", "status", "http_status", "response_body", "error", "attempt", "duration_ms",
                            "started_at", "finished_at"], list(one))
        check((one["status"], one["http_status"], one["response_body"], one["error"], one["attempt"])
              == ("failed", 500, '{"status":500}', "HTTP 500", attempt), one)
        for name in ("started_at", "finished_at"):
            time.strptime(one[name], "%Y-%m-%dT%H:%M:%SZ")


@test
def restart_mid_backoff():
    """a restart in the middle of a backoff: the retry comes once, at its time"""
    when, _ = at(1)
    service.write("patient", job(URL + "plan/patient/500.200", f"At={when}", retry=("BackoffDelay=5s",)))
    service.reload()
    service.await_executions("patient", 1)
    service.ctl("restart", "httpcron")
    service.await_executions("patient", 2)
    time.sleep(1)
    first, *rest = service.seen("patient")
    check(len(rest) == 1, f"{len(rest)} retries")
    check(4.9 <= rest[0].at - first.at < 6, f"it came after {rest[0].at - first.at:.2f} s, not 5")
    check(first.header("Idempotency-Key") == rest[0].header("Idempotency-Key"), "the keys differ")


@test
def stop_drains():
    """a stop lets the call in flight end, and leaves its record"""
    when, _ = at(1)
    service.write("slow", job(URL + "delay/3", f"At={when}"))
    service.reload()
    call = service.await_seen("slow")[0]
    service.ctl("stop", "httpcron")
    check(time.time() - call.at >= 2.9, "it did not wait")
    check(service.show("Result") == "success" and service.show("ExecMainStatus") == "0", service.show("Result"))
    check([row["status"] for row in service.executions("slow")] == ["success"], service.executions("slow"))
    service.ctl("start", "httpcron")


@test
def killed():
    """kill -9: what was acknowledged is there, and the call under way is recorded as interrupted and made again"""
    when, _ = at(2)
    service.write("fatal", job(URL + "delay/3", f"At={when}"))
    for number in range(20):
        service.write(f"load-{number}", job(URL))
    service.reload()
    service.await_seen("fatal")
    time.sleep(1.5)
    service.ctl("kill", "--signal=KILL", "httpcron")
    rows = service.await_executions("fatal", 2)
    check([(row["attempt"], row["error"], row["error_code"]) for row in rows]
          == [(1, "%Httpcron.Interrupted{reason: :crash}", "interrupted"), (2, None, None)], rows)
    check(len({row["run_id"] for row in rows}) == 1 and len(service.seen("fatal")) == 2, rows)
    # A log line is an acknowledgement: it comes after the record is on the disk.
    told = [line for line in service.journal() if line.get("HTTPCRON_RUN_ID") and line.get("HTTPCRON_STATUS")]
    recorded = {(row["run_id"], str(row["attempt"])) for row in service.executions()}
    lost = [line for line in told if (line["HTTPCRON_RUN_ID"], line["HTTPCRON_ATTEMPT"]) not in recorded]
    check(len(told) > 20 and not lost, f"{len(lost)} of {len(told)} acknowledged executions are missing:", lost[:1])
    check(service.show("NRestarts") == "1", f"{service.show('NRestarts')} restarts")
    service.run("sh", "-c", "rm /etc/httpcron/jobs.d/load-*.job")
    service.reload()


@test
def broken_file():
    """a broken job file is named in `systemctl status`, and stops nothing else"""
    service.write("typo", "[Job]\nEvery=1h\n[Request]\nURI=http://127.0.0.1/\n")
    before = len(service.seen("steady"))
    service.ctl("reload", "httpcron", check=False)
    wait_for(lambda: "typo" in service.show("StatusText"), 5, "STATUS= to name it")
    said = service.ctl("status", "--no-pager", "httpcron")
    check("typo.job" in said.split("Status:")[1].splitlines()[0], said)
    check(any("typo.job:4:" in line["MESSAGE"] for line in service.journal()), "the log does not say where")
    service.await_seen("steady", before + 2)
    # Also at a start.
    service.ctl("restart", "httpcron")
    wait_for(lambda: "typo" in service.show("StatusText"), 5, "STATUS= to name it after a restart")
    service.run("rm", "/etc/httpcron/jobs.d/typo.job")
    service.reload()
    wait_for(lambda: "typo" not in service.show("StatusText"), 5, "STATUS= to forget it")


@test
def restart_when_due():
    """a restart at the very second that a job is due loses no occurrence and repeats none"""
    since = time.time() // 2 * 2 + 2
    sleep_until(since)
    for offset in (-0.1, 0.0, 0.1):
        sleep_until(time.time() // 2 * 2 + 2 + offset)
        service.ctl("restart", "httpcron")
    service.await_seen("steady", 1, since=time.time() + 1)
    occurrences = [one.header("X-Httpcron-Scheduled-At") for one in service.seen("steady", since - 0.5)]
    check(len(occurrences) == len(set(occurrences)), "called twice:", occurrences)
    seconds = sorted(time.mktime(time.strptime(one[:19], "%Y-%m-%dT%H:%M:%S")) for one in occurrences)
    check(all(later - earlier == 2 for earlier, later in itertools.pairwise(seconds)), "missing:", occurrences)


@test
def credentials():
    """a secret from /etc/httpcron/credentials or from LoadCredential= reaches the server, a rotated one at once"""
    service.machine.write("/etc/httpcron/credentials/file-key", "one\n", 0o640)
    service.run("chgrp", "httpcron", "/etc/httpcron/credentials/file-key")
    service.machine.write("/root/loaded-key", "two\n", 0o600)
    service.machine.write("/etc/systemd/system/httpcron.service.d/key.conf",
                          "[Service]\nLoadCredential=loaded-key:/root/loaded-key\n")
    service.ctl("daemon-reload")
    service.write("keys", job(URL, "Every=1s", ("Header=X-Key: ${credential:file-key} ${credential:loaded-key}",)))
    service.ctl("restart", "httpcron")
    check(service.await_seen("keys")[0].header("X-Key") == "one two", service.seen("keys")[0].headers)
    service.machine.write("/etc/httpcron/credentials/file-key", "three\n", 0o640)
    wait_for(lambda: service.seen("keys")[-1].header("X-Key") == "three two", 5, "the rotated key")
    # What nobody but root may read, the daemon may not either: it says so, and calls nothing.
    service.run("chmod", "600", "/etc/httpcron/credentials/file-key")
    wait_for(lambda: service.executions("keys")[-1]["error_code"] == "request_invalid", 5, "the refusal")
    service.start_clean()


def in_seconds(seconds):
    moment = time.gmtime(time.time() + seconds + 1)
    return "[Daemon]\nSegmentSize=1M\nCompactAt=" + time.strftime("%H:%M:%S", moment) + "\n"


@test
def compaction():
    """the history is compacted at CompactAt= by a thread that the sandbox lets step back for everything else"""
    service.start_clean()
    service.write("steady", job(URL, "Every=1s", history=("Keep=2",)))
    service.reload()
    service.await_executions("steady", 4)
    service.run("mkdir", "-p", "/etc/httpcron/httpcron.conf.d")
    service.machine.write("/etc/httpcron/httpcron.conf.d/50-test.conf", in_seconds(3))
    service.reload()
    line = wait_for(lambda: service.journal(f"MESSAGE_ID={COMPACTED}"), 15, "the compaction")[-1]
    check(line["PRIORITY"] == "6" and int(line["HTTPCRON_RECORDS_AFTER"]) < int(line["HTTPCRON_RECORDS_BEFORE"]), line)
    tasks = service.run("sh", "-c", "grep -l compactor /proc/$(systemctl show -p MainPID --value httpcron)/task/*/comm")
    thread = tasks.split("/")[4]
    check("SCHED_IDLE" in service.run("chrt", "-p", thread), "the sandbox keeps its processor priority")
    check("idle" in service.run("ionice", "-p", thread), "the sandbox keeps its disk priority")


@test
def compaction_by_hand():
    """root compacts a stopped service's history, and the service goes on with it"""
    # Something to compact: a call since the last compaction, which left two.
    service.await_executions("steady", 3)
    refused = service.machine.run("httpcron", "compact", check=False)
    check(refused.returncode == 1 and "systemctl stop 'httpcron*'" in refused.stderr, refused)
    service.ctl("stop", "httpcron")
    said = service.run("httpcron", "compact")
    check(said.startswith("Compacted the history in "), said)
    owners = set(service.run("sh", "-c", "stat -c '%U:%G %a' /var/lib/httpcron/history/*").splitlines())
    check(owners == {"httpcron:httpcron 640"}, owners)
    count = len(service.executions("steady"))
    check(count == 2, count)
    service.run("rm", "/etc/httpcron/httpcron.conf.d/50-test.conf")
    service.ctl("start", "httpcron")
    service.await_executions("steady", 4)
