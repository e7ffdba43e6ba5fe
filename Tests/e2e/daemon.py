"""The real httpcrond in the foreground, as a person would start it, and the real httpcron to read its record back."""

import datetime
import json
import os
import pathlib
import queue
import signal
import socket
import subprocess
import tempfile
import threading
import time

PROGRAMS = None  # where httpcrond and httpcron are; set by the runner


class Failed(Exception):
    """A check that did not hold."""


def check(condition, *explanation):
    if not condition:
        raise Failed(" ".join(map(str, explanation)))


def wait_for(condition, seconds, what):
    """Polls until `condition()` is true, and gives its value."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Failed(f"waited {seconds} s in vain for {what}")
        time.sleep(0.05)


def at(seconds_from_now):
    """A whole second from now on, at least, as `At=` wants it; and the same as a number."""
    moment = int(time.time() + seconds_from_now) + 1
    return datetime.datetime.fromtimestamp(moment, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"), moment


def job(url, when="Every=1s", request=(), retry=("MaxRetries=0",), more=(), history=()):
    """The text of a job file."""
    lines = ["[Job]", when, *more, "", "[Request]", f"URL={url}", *request]
    if retry:
        lines += ["", "[Retry]", *retry]
    if history:
        lines += ["", "[History]", *history]
    return "\n".join(lines) + "\n"


class Daemon:
    """One daemon with directories of its own. May be started more than once, one process after the other."""

    def __init__(self, jobs, settings="", environment=None):
        self._temporary = tempfile.TemporaryDirectory(prefix="httpcron-e2e-")
        self.root = pathlib.Path(self._temporary.name)
        self.jobs, self.state, self.settings = self.root / "jobs.d", self.root / "state", self.root / "httpcron.conf"
        self.jobs.mkdir()
        self.state.mkdir()
        # Without inotify: a reload is what a test asks for, not what happens while it writes its files.
        self.settings.write_text("[Daemon]\nWatchJobs=no\n" + settings)
        for name, text in jobs.items():
            self.write(name, text)
        self.environment = environment or {}
        self.descriptors = ()  # that the process inherits
        self.process = None
        self.log = self.root / "log"
        self.notices = queue.Queue()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(self.root / "notify"))
        threading.Thread(target=self._listen, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._socket.close()
        self._temporary.cleanup()

    def write(self, name, text):
        path = self.jobs / f"{name}.job"
        path.write_text(text)
        path.chmod(0o644)

    # The process

    def command(self, *more):
        return [str(PROGRAMS / "httpcrond"), "--jobs", str(self.jobs), "--state", str(self.state),
                "--config", str(self.settings), *more]

    def start(self, wait=True):
        environment = {"PATH": os.environ["PATH"], "NOTIFY_SOCKET": str(self.root / "notify"), **self.environment}
        self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=self.log.open("ab"),
                                        stderr=subprocess.STDOUT, env=environment, start_new_session=True,
                                        pass_fds=self.descriptors)
        if wait:
            self.await_notice("READY=1", 20)
        return self

    def _listen(self):
        while True:
            try:
                message = self._socket.recv(65536)
            except OSError:
                return
            for line in message.decode(errors="replace").splitlines():
                self.notices.put(line)

    def await_notice(self, start, seconds):
        """The next line for the service manager that starts so."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                line = self.notices.get(timeout=0.1)
                if line.startswith(start):
                    return line
            except queue.Empty:
                pass
            if self.process.poll() is not None:
                raise Failed(f"the daemon ended with {self.process.returncode}:\n{self.log_text()}")
            if time.monotonic() > deadline:
                raise Failed(f"no {start} within {seconds} s:\n{self.log_text()}")

    def signal(self, number):
        self.process.send_signal(number)

    def reload(self):
        while not self.notices.empty():
            self.notices.get()
        self.signal(signal.SIGHUP)
        self.await_notice("RELOADING=1", 10)
        self.await_notice("READY=1", 10)

    def wait(self, seconds=30):
        """Its exit code."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failed(f"the daemon did not end within {seconds} s:\n{self.log_text()}") from None

    def stop(self, seconds=30):
        self.signal(signal.SIGTERM)
        code = self.wait(seconds)
        check(code == 0, f"ended with {code} after SIGTERM:\n{self.log_text()}")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def await_log(self, *words):
        """Lines are written by a thread of their own, so what was said may come a moment later."""
        wait_for(lambda: all(word in self.log_text() for word in words), 3, f"{words} in the log:\n{self.log_text()}")

    def log_text(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    # The record

    def process_of_tool(self, *arguments):
        return subprocess.run(
            [str(PROGRAMS / "httpcron"), arguments[0], "--jobs", str(self.jobs), "--state", str(self.state),
             "--config", str(self.settings), *arguments[1:]],
            capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=30)

    def tool(self, *arguments, allowed=(0,)):
        done = self.process_of_tool(*arguments)
        check(done.returncode in allowed, f"httpcron {arguments} ended with {done.returncode}: {done.stderr}")
        return done.stdout

    def record(self, *jobs):
        """All that is recorded of these jobs (or of all), executions and notes, oldest first."""
        text = self.tool("dump", *jobs, "-n", "all", "--oldest-first", "-o", "jsonl")
        return [json.loads(line) for line in text.splitlines()]

    def executions(self, *jobs):
        return [row for row in self.record(*jobs) if row["kind"] == "execution"]

    def notes(self, *jobs):
        return [row for row in self.record(*jobs) if row["kind"] == "note"]

    def await_executions(self, name, count, seconds=20):
        def enough():
            rows = self.executions(name)
            return rows if len(rows) >= count else None
        return wait_for(enough, seconds, f"{count} executions of {name}")
