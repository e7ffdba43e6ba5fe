"""What the daemon costs while nothing is due."""

import pathlib
import time

from daemon import Daemon, check, job
from suite import test


def wake_ups(pid):
    """How often its threads have gone back to sleep so far."""
    total = 0
    for status in pathlib.Path(f"/proc/{pid}/task").glob("*/status"):
        for line in status.read_text().splitlines():
            if line.startswith("voluntary_ctxt_switches"):
                total += int(line.split()[1])
    return total


@test
def idle():
    """with a thousand jobs an idle daemon stays below 16 MiB, and nothing wakes it"""
    # Due on 29 February only, so not while this runs.
    with Daemon({f"job-{n}": job(f"http://127.0.0.1:1/{n}", "Cron=0 0 29 2 *") for n in range(1000)}) as daemon:
        daemon.start()
        time.sleep(4)
        status = pathlib.Path(f"/proc/{daemon.process.pid}/status").read_text()
        resident = int(status.split("VmRSS:")[1].split()[0]) / 1024
        before = wake_ups(daemon.process.pid)
        time.sleep(6)
        woken = wake_ups(daemon.process.pid) - before
        daemon.stop()
    check(woken == 0, f"woke {woken} times in 6 s")
    check(resident < 16, f"{resident:.1f} MiB resident")
