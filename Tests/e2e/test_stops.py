"""Ends of the daemon, soft and hard, and what the next start makes of them."""

import signal
import time

import behaviours as do
from daemon import Daemon, at, check, job, wait_for
from hostile import Server
from suite import test

SHUTDOWN = "%Httpcron.Interrupted{reason: :shutdown}"
CRASH = "%Httpcron.Interrupted{reason: :crash}"


def slow(server, seconds, *arguments, **options):
    return job(f"http://127.0.0.1:{server.listen('slow', do.polite)}/delay/{seconds}", *arguments, **options)


def keys(requests):
    return [one.header("Idempotency-Key") for one in requests]


@test
def drain():
    """SIGTERM starts nothing more and lets the calls in flight end"""
    server = Server()
    when, due = at(2)
    with Daemon({"slow": slow(server, 3, f"At={when}"), "busy": slow(server, 0)}) as daemon:
        daemon.start()
        wait_for(lambda: server.seen("slow"), 10, "the call")
        daemon.signal(signal.SIGTERM)
        daemon.await_notice("STOPPING=1", 5)
        told = time.time()
        check(daemon.wait() == 0, "did not end with 0:", daemon.log_text())
        check(time.time() - due >= 2.9, "did not wait for the call in flight")
        check(not [one for one in server.seen("busy") if one.at > told + 0.1], "started a call while draining")
        rows = daemon.executions("slow")
        check([row["status"] for row in rows] == ["success"], rows)


@test
def drain_timeout():
    """what DrainTimeout= cuts short is recorded, and goes on first after the next start"""
    server = Server()
    when, _ = at(2)
    with Daemon({"slow": slow(server, 8, f"At={when}")}, "DrainTimeout=1s\n") as daemon:
        daemon.start()
        wait_for(lambda: server.seen("slow"), 10, "the call")
        began = time.time()
        daemon.stop(6)
        check(0.8 <= time.time() - began < 4, f"took {time.time() - began:.1f} s")
        rows = daemon.executions()
        check([(row["error"], row["error_code"]) for row in rows] == [(SHUTDOWN, "interrupted")], rows)
        daemon.start()
        wait_for(lambda: len(server.seen("slow")) == 2, 5, "the run to go on")
        first, second = server.seen("slow")
        check(keys([first]) == keys([second]), "another run began")
        check(second.header("X-Httpcron-Attempt") == "2", second.headers)


@test
def second_term():
    """a second SIGTERM cancels at once"""
    server = Server()
    when, _ = at(2)
    with Daemon({"slow": slow(server, 20, f"At={when}")}) as daemon:
        daemon.start()
        wait_for(lambda: server.seen("slow"), 10, "the call")
        daemon.signal(signal.SIGTERM)
        time.sleep(0.5)
        check(daemon.process.poll() is None, "the first SIGTERM ended it")
        daemon.stop(3)
        rows = daemon.executions()
        check([(row["error"], row["error_code"]) for row in rows] == [(SHUTDOWN, "interrupted")], rows)


@test
def interrupted():
    """a call under which the daemon was killed is recorded as interrupted, and made again under the same key"""
    server = Server()
    when, _ = at(2)
    with Daemon({"slow": slow(server, 3, f"At={when}", retry=("MaxRetries=0",))}) as daemon:
        daemon.start()
        wait_for(lambda: server.seen("slow"), 10, "the call")
        time.sleep(0.5)
        daemon.kill()
        daemon.start()
        rows = daemon.await_executions("slow", 2)
        time.sleep(1)
        check(len(server.seen("slow")) == 2, f"{len(server.seen('slow'))} calls")
        check(len(set(keys(server.seen("slow")))) == 1, "the keys differ")
        check([one.header("X-Httpcron-Attempt") for one in server.seen("slow")] == ["1", "2"], "wrong numbers")
        check([(row["attempt"], row["error"], row["error_code"], row["status"]) for row in rows]
              == [(1, CRASH, "interrupted", "failed"), (2, None, None, "success")], rows)
        daemon.stop()


@test
def at_most_once():
    """an at-most-once call under which the daemon was killed is not made again"""
    server = Server()
    when, _ = at(2)
    once = slow(server, 3, f"At={when}", more=("Delivery=at-most-once",), retry=("BackoffDelay=1s",))
    with Daemon({"once": once}) as daemon:
        daemon.start()
        wait_for(lambda: server.seen("once"), 10, "the call")
        time.sleep(0.5)
        daemon.kill()
        daemon.start()
        rows = daemon.await_executions("once", 1)
        time.sleep(3)
        check(len(server.seen("once")) == 1, "the call was made again")
        check([row["error"] for row in rows] == [CRASH], rows)
        daemon.stop()


def retry_survives(end):
    server = Server()
    when, _ = at(2)
    url = f"http://127.0.0.1:{server.listen('polite', do.polite)}/plan/x/500.200"
    with Daemon({"patient": job(url, f"At={when}", retry=("BackoffDelay=5s",))}) as daemon:
        daemon.start()
        daemon.await_executions("patient", 1)
        time.sleep(0.5)
        end(daemon)
        time.sleep(1)
        daemon.start()
        daemon.await_executions("patient", 2)
        time.sleep(1)
        first, *rest = server.seen("patient")
        check(len(rest) == 1, f"{len(rest)} retries")
        check(4.9 <= rest[0].at - first.at < 6, f"the retry came after {rest[0].at - first.at:.2f} s, not 5")
        check(keys([first]) == keys(rest), "the keys differ")
        daemon.stop()


@test
def retry_after_restart():
    """a restart in the middle of a backoff: the retry comes once, at its time"""
    retry_survives(Daemon.stop)


@test
def retry_after_kill():
    """kill -9 in the middle of a backoff: the retry comes once, at its time"""
    retry_survives(Daemon.kill)


def restart_often(end):
    """Restarts at the very second that a job is due, several times; each occurrence must be called, and once."""
    server = Server()
    with Daemon({"steady": job(f"http://127.0.0.1:{server.listen('polite', do.polite)}/", "Every=2s")}) as daemon:
        daemon.start()
        wait_for(lambda: server.seen("steady"), 10, "the first call")
        for offset in (-0.05, 0.0, 0.02, 0.2):
            time.sleep(2 - (time.time() - offset) % 2)
            end(daemon)
            daemon.start()
        time.sleep(3)
        daemon.stop()
        occurrences = [one.header("X-Httpcron-Scheduled-At") for one in server.seen("steady")]
        recorded = [row["scheduled_at"] for row in daemon.executions() if row["error"] != CRASH]
        return occurrences, recorded, daemon.record()


def check_complete(occurrences, record):
    seconds = sorted({time.mktime(time.strptime(one[:19], "%Y-%m-%dT%H:%M:%S")) for one in occurrences})
    missing = [later for earlier, later in zip(seconds, seconds[1:]) if later - earlier != 2]
    check(not missing, "occurrences are missing before", missing, "\n".join(map(str, record)))


@test
def restart_when_due():
    """a restart at the very second that a job is due loses no occurrence and repeats none"""
    occurrences, recorded, record = restart_often(Daemon.stop)
    check_complete(occurrences, record)
    check(len(occurrences) == len(set(occurrences)), "an occurrence was called twice:", occurrences)
    check(sorted(set(recorded)) == sorted(recorded), "an occurrence was recorded twice")


@test
def kill_when_due():
    """kill -9 at the very second that a job is due loses no occurrence"""
    occurrences, _, record = restart_often(Daemon.kill)
    check_complete(occurrences, record)


@test
def late():
    """what came due while stopped for a moment is run after the start, whatever CatchUp= says"""
    server = Server()
    url = f"http://127.0.0.1:{server.listen('polite', do.polite)}/"
    when, due = at(4)
    with Daemon({"late": job(url, f"At={when}", more=("CatchUp=skip",))}) as daemon:
        daemon.start()
        daemon.stop()
        time.sleep(max(0, due - time.time()) + 1)
        daemon.start()
        rows = daemon.await_executions("late", 1)
        daemon.stop()
        check([row["status"] for row in rows] == ["success"], rows)


@test
def missed():
    """what was missed is caught up once, or noted, as CatchUp= and CatchUpWindow= say"""
    server = Server()
    url = f"http://127.0.0.1:{server.listen('polite', do.polite)}/"
    past, _ = at(-300)
    with Daemon({
        "once": job(url, f"At={past}"),
        "skip": job(url, f"At={past}", more=("CatchUp=skip",)),
        "old": job(url, f"At={past}", more=("CatchUpWindow=1min",)),
    }) as daemon:
        daemon.start()
        daemon.await_executions("once", 1)
        for _ in range(2):
            time.sleep(0.5)
            daemon.stop()
            daemon.start()
        daemon.stop()
        rows = daemon.executions()
        check([(row["job"], row["trigger"]) for row in rows] == [("once", "catch-up")], rows)
        check(sorted(row["job"] for row in daemon.notes()) == ["old", "skip"], daemon.notes())


@test
def second_daemon():
    """a second daemon on the same history is refused, and the first one goes on"""
    server = Server()
    with Daemon({"steady": job(f"http://127.0.0.1:{server.listen('polite', do.polite)}/")}) as daemon:
        daemon.start()
        first = daemon.process
        daemon.start(wait=False)
        code = daemon.wait(5)
        daemon.process = first
        check(code not in (0, -signal.SIGKILL), f"the second ended with {code}")
        before = len(server.seen())
        wait_for(lambda: len(server.seen()) > before + 1, 5, "the first one to go on")
        daemon.stop()


@test
def acknowledged():
    """kill -9 under load: each call that the server answered a moment before is in the record, once"""
    server = Server()
    url = f"http://127.0.0.1:{server.listen('polite', do.polite)}/"
    with Daemon({f"job-{n}": job(url) for n in range(40)}) as daemon:
        for _ in range(3):
            daemon.start()
            time.sleep(2.6)
            killed = time.time()
            daemon.kill()
        daemon.start()
        time.sleep(0.5)
        daemon.stop()
        recorded = {}
        for row in daemon.executions():
            recorded.setdefault((row["run_id"], row["attempt"]), []).append(row)
        doubled = [rows for rows in recorded.values() if len(rows) > 1]
        check(not doubled, "recorded twice:", doubled[:1])
        lost = [one for one in server.seen() if (one.header("Idempotency-Key"), int(one.header("X-Httpcron-Attempt")))
                not in recorded]
        check(not lost, f"{len(lost)} of {len(server.seen())} calls left no record, the first:", lost[:1], killed)
