"""What becomes of a run: retries, overlap, and the jobs that another one's failure or recovery triggers."""

import itertools
import json
import time

import behaviours as do
from daemon import Daemon, at, check, job, wait_for
from hostile import Server
from suite import test


def gaps(requests):
    return [round(later.at - earlier.at, 2) for earlier, later in itertools.pairwise(requests)]


def check_gaps(requests, expected, tolerance=0.7):
    """A retry comes its backoff after the failure, never sooner, and not much later."""
    found = gaps(requests)
    check(len(found) == len(expected) and all(want - 0.02 <= got <= want + tolerance
                                              for got, want in zip(found, expected)),
          f"the pauses were {found}, not {expected}")


def check_one_run(requests):
    check(len({one.header("Idempotency-Key") for one in requests}) == 1, "the attempts of a run have different keys")
    check([one.header("X-Httpcron-Attempt") for one in requests] == [str(n + 1) for n in range(len(requests))],
          "the attempts are not numbered from 1:", [one.header("X-Httpcron-Attempt") for one in requests])


def run_until(jobs, server, counts, seconds=15, settings=""):
    """Runs a daemon until each job of `counts` was seen so often, and a moment longer; gives the record."""
    with Daemon(jobs, settings) as daemon:
        daemon.start()
        for name, count in counts.items():
            wait_for(lambda: len(server.seen(name)) >= count, seconds, f"{count} calls of {name}")
        time.sleep(1)
        daemon.stop()
        return daemon.record()


@test
def retries():
    """a failing run is tried again at its backoff, under one key, and each attempt is recorded"""
    server = Server()
    port = server.listen("polite", do.polite)
    when, due = at(3)
    url = f"http://127.0.0.1:{port}/plan/"
    record = run_until({
        "linear": job(url + "linear/500.500.200", f"At={when}", retry=("BackoffDelay=1s",)),
        "fixed": job(url + "fixed/500.503.200", f"At={when}", retry=("Backoff=fixed", "BackoffDelay=1s")),
        "exponential": job(url + "exponential/500.500.500.200", f"At={when}",
                           retry=("Backoff=exponential", "BackoffDelay=1s")),
        "capped": job(url + "capped/500.500.200", f"At={when}", retry=("BackoffDelay=1s", "MaxBackoff=1s")),
        "exhausted": job(url + "exhausted/500", f"At={when}", retry=("MaxRetries=2", "BackoffDelay=1s")),
    }, server, {"linear": 3, "fixed": 3, "exponential": 4, "capped": 3, "exhausted": 3})
    for name, expected in {"linear": [1, 2], "fixed": [1, 1], "exponential": [1, 2, 4], "capped": [1, 1],
                           "exhausted": [1, 2]}.items():
        requests = server.seen(name)
        check(0 <= requests[0].at - due < 0.7, f"{name} began {requests[0].at - due:.3f} s after it was due")
        check_gaps(requests, expected)
        check_one_run(requests)
        rows = [row for row in record if row["job"] == name]
        check([row["attempt"] for row in rows] == [*range(1, len(requests) + 1)], name, "is recorded as", rows)
        check({row["run_id"] for row in rows} == {requests[0].header("Idempotency-Key")}, "the key is not the run id")
        check(all(row["next_attempt_at"] for row in rows[:-1]) and rows[-1]["next_attempt_at"] is None,
              "next_attempt_at is wrong in", rows)
        check(rows[-1]["status"] == ("failed" if name == "exhausted" else "success"), rows[-1])


@test
def retry_on():
    """what RetryOn= does not name fails the run at once"""
    server = Server()
    port = server.listen("polite", do.polite)
    when, _ = at(3)
    retry = ("RetryOn=503 transport", "BackoffDelay=1s", "MaxRetries=1")
    record = run_until({
        "named": job(f"http://127.0.0.1:{port}/status/503", f"At={when}", retry=retry),
        "unnamed": job(f"http://127.0.0.1:{port}/status/500", f"At={when}", retry=retry),
        "transport": job(f"http://127.0.0.1:{server.listen('closing', do.sending())}/", f"At={when}", retry=retry),
    }, server, {"named": 2, "unnamed": 1, "transport": 2})
    check(len(server.seen("unnamed")) == 1, "500 was retried")
    check([row["next_attempt_at"] for row in record if row["job"] == "unnamed"] == [None], record)


@test
def retry_after():
    """a Retry-After that is longer than the backoff wins, up to MaxBackoff=, and can be switched off"""
    server = Server()
    url = f"http://127.0.0.1:{server.listen('polite', do.polite)}/later/"
    when, _ = at(3)
    run_until({
        "longer": job(url + "longer/3", f"At={when}", retry=("BackoffDelay=1s",)),
        "shorter": job(url + "shorter/1", f"At={when}", retry=("BackoffDelay=2s",)),
        "capped": job(url + "capped/3600", f"At={when}", retry=("BackoffDelay=1s", "MaxBackoff=2s")),
        "ignored": job(url + "ignored/3600", f"At={when}", retry=("BackoffDelay=1s", "RetryAfter=no")),
    }, server, {"longer": 2, "shorter": 2, "capped": 2, "ignored": 2})
    for name, expected in {"longer": 3, "shorter": 2, "capped": 2, "ignored": 1}.items():
        check_gaps(server.seen(name), [expected])


def most_at_once(requests, seconds):
    """How many calls of so many seconds were under way together."""
    return max(sum(one.at <= other.at < one.at + seconds - 0.1 for other in requests) for one in requests)


@test
def overlap():
    """a call still in flight when the next is due: skip, queue or allow"""
    server = Server()
    url = f"http://127.0.0.1:{server.listen('polite', do.polite)}/delay/2.5"
    with Daemon({name: job(url, more=(f"Overlap={name}",)) for name in ("skip", "queue", "allow")}) as daemon:
        daemon.start()
        wait_for(lambda: len(server.seen("skip")) >= 3, 15, "three calls of skip")
        daemon.stop()
        record = daemon.record()
    for name, most in {"skip": 1, "queue": 1, "allow": 3}.items():
        check(most_at_once(server.seen(name), 2.5) == most,
              f"{name} had {most_at_once(server.seen(name), 2.5)} calls in flight, not {most}")
    skipped = [row for row in record if row["kind"] == "note" and row["job"] == "skip"]
    check(skipped and all("overlap" in json.dumps(row) for row in skipped), "no note of what was skipped:", record)
    check(not any(row["kind"] == "note" and row["job"] == "allow" for row in record), "allow skipped something")
    # Queued ones follow at once; skipped ones wait for the next second that is due.
    check(all(gap < 2.5 + 0.4 for gap in gaps(server.seen("queue"))), "queue paused:", gaps(server.seen("queue")))


@test
def superseded():
    """a run that only waits for its retry gives way to the next occurrence"""
    server = Server()
    url = f"http://127.0.0.1:{server.listen('polite', do.polite)}/status/500"
    record = run_until({"hasty": job(url, "Every=2s", retry=("BackoffDelay=1h", "MaxBackoff=2h"))}, server, {"hasty": 3})
    notes = [row for row in record if row["kind"] == "note"]
    check(notes and all("superseded" in json.dumps(row) for row in notes), "no note of it:", record)
    check(len({one.header("Idempotency-Key") for one in server.seen("hasty")}) >= 3, "no new run began")


@test
def triggers():
    """one call to OnFailure= an outage, one to OnRecovery= at its end, each told what happened"""
    server = Server()
    url = f"http://127.0.0.1:{server.listen('polite', do.polite)}/"
    told = ("Method=POST", 'Body={"job":"${failed.job}","code":"${failed.error_code}","of":${failed.execution}}')
    record = run_until({
        "shaky": job(url + "plan/shaky/500.500.500.200.200.200", more=("OnFailure=alarm", "OnRecovery=relief")),
        "alarm": job(url, "OnDemand=yes", told),
        "relief": job(url, "OnDemand=yes", told),
    }, server, {"shaky": 6})
    alarms, reliefs = server.seen("alarm"), server.seen("relief")
    check(len(alarms) == 1 and len(reliefs) == 1, f"{len(alarms)} alarms and {len(reliefs)} reliefs")
    said = json.loads(alarms[0].body)
    check(said["job"] == "shaky" and said["code"] == "http_status", "the alarm was told", said)
    check(said["of"]["http_status"] == 500 and said["of"]["response_body"] == '{"status":"bad"}', said)
    failed = [row for row in record if row["job"] == "shaky"][0]
    check(said["of"]["id"] == failed["id"], "the alarm was told of another execution")
    check(alarms[0].header("Content-Type") == "application/json", alarms[0].headers)
    check([row["trigger"] for row in record if row["job"] in ("alarm", "relief")] == ["failure", "recovery"], record)
    check(server.seen("shaky")[0].at < alarms[0].at < server.seen("shaky")[1].at, "the alarm came late")


@test
def triggers_after():
    """OnFailureAfter= waits for so many failed runs in a row, and the last attempt of each is what counts"""
    server = Server()
    url = f"http://127.0.0.1:{server.listen('polite', do.polite)}/"
    run_until({
        "flaky": job(url + "plan/flaky/500.200.500.500.500.500", more=("OnFailure=alarm", "OnFailureAfter=3")),
        "alarm": job(url, "OnDemand=yes"),
    }, server, {"flaky": 6})
    check(len(server.seen("alarm")) == 1, f"{len(server.seen('alarm'))} alarms")
    check(server.seen("alarm")[0].at > server.seen("flaky")[4].at, "the alarm came before the third failure in a row")
