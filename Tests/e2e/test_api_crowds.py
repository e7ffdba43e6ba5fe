"""Many clients at once, and such as ask more than anybody needs: nothing of it holds up a call."""

import select

import behaviours as do
from api import ROOT, raw, status_of, watched
from daemon import check, job
from suite import test

HEAD = b" HTTP/1.1\r\nHost: localhost\r\n"
HEALTH = b"GET /healthz" + HEAD
# What an order of events tells is tried so often: on a machine that does other things, too, a test may itself come late.
TRIES = 5


@test
def many():
    """10,000 connections one after the other, and 1,000 at once: 128 stay, and somebody new always gets in"""
    with watched() as daemon:
        for number in range(10_000):
            with (daemon.local if number % 2 else daemon.remote)() as connection:
                if number % 10 == 0:
                    check(status_of(raw(connection, HEALTH + b"Connection: close\r\n\r\n")) == 200, number)
        held = []
        for number in range(1_000):
            held.append(daemon.remote())
            if number % 100 == 99:
                check(daemon.get("/healthz").status == 200, "nobody gets in")
        check(daemon.descriptors_open() <= daemon.opened + 128, f"{daemon.descriptors_open()} open files")
        # The newest are still there, each ready for a request; those before them were let go of.
        check(status_of(raw(held[-1], HEALTH + b"Connection: close\r\n\r\n")) == 200, "the newest is not served")
        check(raw(held[0], b"") == b"", "the oldest is still there")
        for one in held:
            one.close()


def answers(connection):
    """How many have come in."""
    count = 0
    connection.setblocking(False)
    try:
        while piece := connection.recv(1 << 20):
            count += piece.count(b"HTTP/1.1 ")
    except OSError:
        pass
    return count


@test
def flood():
    """a hundred clients send 600 requests each in one go: they do not get all their answers before a newcomer his one"""
    with watched() as daemon:
        middles = []
        while len(middles) < TRIES:
            crowd = [daemon.remote() for _ in range(100)]
            for one in crowd:
                one.sendall((b"GET /healthz HTTP/1.1\r\nHost:\r\n\r\n") * 600)
            check(daemon.get("/healthz").status == 200, "nobody gets in")
            # Those whose requests came first have more than the others; the median is of those who have any.
            served = sorted(count for one in crowd if (count := answers(one)))
            middles.append(served[len(served) // 2] if served else 0)
            for one in crowd:
                one.close()
            if middles[-1] < 500:
                break
        print(f"      answers to one client before the newcomer's: {middles[-1]} of 600", flush=True)
        check(middles[-1] < 500, f"a newcomer waits for all of theirs: {middles}")


@test
def questions():
    """a call that needs a file leaves while a hundred clients wait for long answers of the thread that reads files"""
    jobs = {f"job-{number}": job("http://127.0.0.1:1/", "Every=1d") for number in range(1_000)}
    with watched(jobs) as daemon:
        body = daemon.root / "body"
        body.write_text("{}")
        body.chmod(0o644)
        url = f"http://127.0.0.1:{daemon.server.listen('files', do.polite)}/"
        daemon.write("call", job(url, "OnDemand=yes", request=(f"BodyFile={body}",)))
        daemon.post(f"{ROOT}/reload", 200)
        crowd, seen, answered = [], 0, []

        def noticed(request):
            if request.job == "call":
                answered.append(len(select.select(crowd, [], [], 0)[0]))

        daemon.server.on_request = noticed
        while len(answered) < TRIES:
            crowd = [daemon.local() for _ in range(100)]
            for one in crowd:
                one.sendall(f"GET {ROOT}/jobs".encode() + HEAD + b"\r\n")
            daemon.post(f"{ROOT}/jobs/call/trigger")
            seen += 1
            daemon.await_executions("call", seen)
            for one in crowd:
                one.close()
            if answered[-1] < 50:
                break
        print(f"      answered before the call: {answered[-1]} of 100", flush=True)
        check(answered[-1] < 50, f"the call came after {answered} of 100 answers")
