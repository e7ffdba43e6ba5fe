"""httpcron as a service of a booted machine, and the server that its jobs call."""

import json
import subprocess
import sys
import threading
import time

from daemon import Failed, check, wait_for
from hostile import Request

URL = "http://127.0.0.1:8080/"


class Service:
    def __init__(self, machine):
        self.machine = machine
        self.requests = []
        self._target = machine.spawn(sys.executable, "/mnt/checkout/Tests/systemd/target.py", stdout=subprocess.PIPE,
                                     text=True)
        check(self._target.stdout.readline() == "listening\n", "the target server did not start")
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self._target.stdout:
            request = Request(**json.loads(line))
            request.body = request.body.encode("latin-1")
            self.requests.append(request)

    def seen(self, job, since=0.0):
        return [one for one in list(self.requests) if one.job == job and one.at >= since]

    def await_seen(self, job, count=1, seconds=15, since=0.0):
        return wait_for(lambda: len(self.seen(job, since)) >= count and self.seen(job, since), seconds,
                        f"{count} calls of {job}")

    # Commands

    def run(self, *arguments, **options):
        return self.machine.run(*arguments, **options).stdout

    def ctl(self, *arguments, **options):
        return self.run("systemctl", *arguments, **options)

    def install(self, *arguments, **options):
        """Installs the programs under test."""
        return self.run("/mnt/checkout/systemd/install", "--from", "/mnt/programs", *arguments, **options)

    def show(self, name):
        """A property of the unit."""
        return self.ctl("show", "--value", "--property", name, "httpcron").strip()

    def write(self, name, text):
        self.machine.write(f"/etc/httpcron/jobs.d/{name}.job", text)

    def reload(self):
        self.ctl("reload", "httpcron")

    def start_clean(self):
        """A running service, whatever the last test left behind: no jobs, and no failure on the unit."""
        self.run("sh", "-c", "rm -rf /etc/httpcron/jobs.d/*.job /etc/systemd/system/httpcron.service.d")
        self.ctl("daemon-reload")
        self.ctl("reset-failed", "httpcron", check=False)
        self.ctl("restart", "httpcron")

    # What is told and recorded

    def journal(self, *arguments):
        """The service's own lines, oldest first."""
        self.run("journalctl", "--sync")
        text = self.run("journalctl", "-u", "httpcron", "-o", "json", "--no-pager", *arguments, check=False)
        return [json.loads(line) for line in text.splitlines() if line.startswith("{")]

    def record(self, *jobs):
        text = self.run("httpcron", "dump", *jobs, "-n", "all", "--oldest-first", "-o", "jsonl")
        return [json.loads(line) for line in text.splitlines()]

    def executions(self, *jobs):
        return [row for row in self.record(*jobs) if row["kind"] == "execution"]

    def await_executions(self, job, count, seconds=20):
        def enough():
            rows = self.executions(job)
            return rows if len(rows) >= count else None
        return wait_for(enough, seconds, f"{count} executions of {job}")

    def await_active(self, seconds=30):
        wait_for(lambda: self.show("ActiveState") == "active", seconds, "the service to be active")


def sleep_until(moment):
    time.sleep(max(0.0, moment - time.time()))


__all__ = ["Failed", "Service", "URL", "check", "sleep_until", "wait_for"]
