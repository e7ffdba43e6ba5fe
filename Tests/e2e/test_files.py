"""Job files and settings: what a reload picks up, and what a mistake costs."""

import time

import behaviours as do
from daemon import Daemon, check, job, wait_for
from hostile import Server
from suite import test


@test
def reload():
    """a reload takes new, changed and removed jobs over, and leaves the others alone"""
    server = Server()
    url = f"http://127.0.0.1:{server.listen('polite', do.polite)}/"
    with Daemon({"kept": job(url), "changed": job(url + "before"), "removed": job(url)}) as daemon:
        daemon.start()
        wait_for(lambda: server.seen("kept") and server.seen("removed"), 5, "the first calls")
        daemon.write("new", job(url))
        daemon.write("changed", job(url + "after"))
        (daemon.jobs / "removed.job").unlink()
        daemon.reload()
        told = time.time()
        wait_for(lambda: server.seen("new"), 5, "the new job")
        time.sleep(1.5)
        check({one.target for one in server.seen("changed") if one.at > told + 0.2} == {"/after"}, "the old definition")
        check(not [one for one in server.seen("removed") if one.at > told + 0.2], "a removed job was called")
        seconds = [int(one.at) for one in server.seen("kept")]
        check(seconds == [*range(seconds[0], seconds[0] + len(seconds))], "the kept job paused:", seconds)
        daemon.stop()


@test
def in_error():
    """a file with a mistake is told with its line; its last good version and all other jobs go on"""
    server = Server()
    url = f"http://127.0.0.1:{server.listen('polite', do.polite)}/"
    with Daemon({"good": job(url), "spoilt": job(url), "born-bad": "[Job]\nEvery=1s\n[Request]\nURI=http://x/\n"}) as daemon:
        daemon.start()
        daemon.await_log("born-bad.job:4:", "URL")
        wait_for(lambda: server.seen("good") and server.seen("spoilt"), 5, "the first calls")
        daemon.write("spoilt", job(url).replace("Every=1s", "Every=soon"))
        daemon.reload()
        count = len(server.seen("spoilt"))
        wait_for(lambda: len(server.seen("spoilt")) > count + 1, 5, "the last good version")
        daemon.await_log("spoilt.job:2:")
        said = daemon.tool("check", allowed=(1,))
        check("spoilt.job:2:" in said and "born-bad.job:4:" in said, said)
        daemon.write("spoilt", job(url + "mended"))
        daemon.reload()
        wait_for(lambda: server.seen("spoilt")[-1].target == "/mended", 5, "the mended version")
        daemon.stop()


@test
def permissions():
    """a job file that others may write to is refused, and the refusal says how to mend it"""
    server = Server()
    url = f"http://127.0.0.1:{server.listen('polite', do.polite)}/"
    with Daemon({"good": job(url), "open": job(url)}) as daemon:
        (daemon.jobs / "open.job").chmod(0o666)
        daemon.start()
        wait_for(lambda: server.seen("good"), 5, "the good job")
        daemon.await_log("chmod", "open.job")
        check(not server.seen("open"), "it was called")
        (daemon.jobs / "open.job").chmod(0o644)
        daemon.reload()
        wait_for(lambda: server.seen("open"), 5, "the mended job")
        daemon.stop()


@test
def settings():
    """a mistake in the settings stops a start with 78, and changes nothing at a reload"""
    server = Server()
    url = f"http://127.0.0.1:{server.listen('polite', do.polite)}/"
    with Daemon({"call": job(url)}, "MaxConcurent=5\n") as daemon:
        daemon.start(wait=False)
        check(daemon.wait(10) == 78, f"ended with {daemon.process.returncode}: {daemon.log_text()}")
        daemon.await_log("httpcron.conf:3:", "MaxConcurrent")
        daemon.settings.write_text("[Daemon]\nWatchJobs=no\n[Defaults]\nHeader=X-Default: yes\n")
        daemon.start()
        wait_for(lambda: server.seen(), 5, "a call")
        check(server.seen()[0].header("X-Default") == "yes", server.seen()[0])
        daemon.settings.write_text("[Daemon]\nMaxConcurrent=many\n")
        daemon.reload()
        count = len(server.seen())
        wait_for(lambda: len(server.seen()) > count + 1, 5, "calls after a bad reload")
        daemon.stop()


@test
def disabled():
    """a disabled job is shown and never due"""
    server = Server()
    url = f"http://127.0.0.1:{server.listen('polite', do.polite)}/"
    with Daemon({"on": job(url), "off": job(url, more=("Enabled=no",))}) as daemon:
        daemon.start()
        wait_for(lambda: len(server.seen("on")) > 2, 6, "calls")
        check(not server.seen("off"), "it was called")
        check("off" in daemon.tool("list", allowed=(0, 1)), "it is not shown")
        daemon.stop()
