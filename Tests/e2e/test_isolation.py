"""One bad server, name or job never delays another."""

import time

import behaviours as do
import world
from daemon import Daemon, check, job, wait_for
from hostile import Server
from suite import Skip, test


def check_on_time(requests, since, seconds):
    """A call in each second, within a third of it."""
    for second in range(int(since) + 1, int(since) + 1 + seconds):
        arrivals = [one.at - second for one in requests if second <= one.at < second + 1]
        check(arrivals, f"no call {second - since:.0f} s on")
        check(min(arrivals) < 0.33, f"a call came {min(arrivals):.3f} s late")


def beside(jobs, watch_server, seconds=8, settings="", meanwhile=None):
    """Runs these jobs beside one that is due each second and must be on time."""
    watch = watch_server.listen("watch", do.polite)
    with Daemon({"watch": job(f"http://127.0.0.1:{watch}/"), **jobs}, settings) as daemon:
        daemon.start()
        since = time.time() + 1
        time.sleep(seconds + 1.5)
        if meanwhile:
            meanwhile(daemon)
        daemon.kill()
    check_on_time(watch_server.seen(listener="watch"), since, seconds)


@test
def stalled_name():
    """a name server that never answers delays no job but its own"""
    if not world.EXISTS:
        raise Skip("needs a network namespace")
    server = Server()
    good = server.listen("good", do.polite)
    # Many names, more than there are resolver threads; and one that resolves, behind them in the queue.
    jobs = {f"stalled-{n}": job(f"http://host-{n}.silent/", request=("Timeout=3s",)) for n in range(40)}
    jobs["named"] = job(f"http://host.test:{good}/")
    beside(jobs, server, meanwhile=lambda _: check(server.seen("named"), "stalled names kept a good one from resolving"))


@test
def dead_targets():
    """targets that stall, hang or refuse delay no job of another host"""
    server = Server()
    ports = [server.listen("silent", do.silent), server.hold(True), server.hold(False),
             server.listen("drip", do.repeating("HTTP/1.1 200 OK\r\n\r\n", b"x", 0.2)),
             server.listen("flood", do.repeating("HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536))]
    beside({f"dead-{n}-{port}": job(f"http://127.0.0.1:{port}/", request=("Timeout=5s",), more=("Overlap=allow",))
            for port in ports for n in range(3)}, server)


@test
def full_host():
    """calls that fill MaxPerHost= of one host wait for each other, and nobody else for them"""
    server = Server()
    slow = server.listen("slow", do.polite)

    def meanwhile(_):
        check(len(server.seen(listener="slow")) >= 8, "calls that had to wait never started")
        under_way = max(sum(one.at <= other.at < one.at + 1.9 for other in server.seen(listener="slow"))
                        for one in server.seen(listener="slow"))
        check(under_way <= 4, f"{under_way} calls at once to one host, MaxPerHost=4")

    beside({f"slow-{n}": job(f"http://127.0.0.1:{slow}/delay/2", "Every=2s") for n in range(30)}, server,
           settings="MaxPerHost=4\n", meanwhile=meanwhile)


@test
def herd():
    """five hundred jobs due in the same second are all called in it"""
    server = Server()
    port = server.listen("polite", do.polite)
    with Daemon({f"job-{n}": job(f"http://127.0.0.1:{port}/", "Every=10s") for n in range(500)}) as daemon:
        daemon.start()
        wait_for(lambda: len(server.seen()) >= 500, 20, "the herd")
        due = int(server.seen()[0].at) // 10 * 10
        last = max(one.at for one in server.seen()[:500]) - due
        time.sleep(1)
        daemon.stop()
        check(len({one.job for one in server.seen()}) == 500, "not every job was called")
        check(last < 2, f"the last call came {last:.2f} s after it was due")
        check(len(daemon.executions()) == len(server.seen()), "wire and record differ")
