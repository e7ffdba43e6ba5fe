"""What the rows share: the daemon, the server and the peers as processes, and what the kernel says of a process."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from array import array
from dataclasses import dataclass

from build import Failed

READY_TIMEOUT = 300
STOP_TIMEOUT = 120


@dataclass
class Bench:
    """One invocation: where the programs are, where files may lie, how often to repeat."""
    programs: str
    peers: str
    scratch: str
    pairs: int
    executions: int

    def directory(self):
        return tempfile.TemporaryDirectory(dir=self.scratch)


class Process:
    """A program under measurement. Leaving its `with` ends it."""

    def __init__(self, command, **options):
        self.command = command
        self.process = subprocess.Popen(command, **options)
        self.pid = self.process.pid
        # CPU clock of the whole process, threads that ended included: MAKE_PROCESS_CPUCLOCK, CPUCLOCK_SCHED.
        self._clock = (~self.pid << 3) | 2

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()

    def cpu(self):
        """User and system time of every thread so far, in seconds, to the nanosecond."""
        return time.clock_gettime_ns(self._clock) / 1e9

    def memory(self, field="VmRSS"):
        """A line of /proc/PID/status in bytes: VmRSS, VmHWM (the peak since `forget_peak`), RssAnon."""
        return self._status(f"/proc/{self.pid}/status", field) * 1024

    def forget_peak(self):
        with open(f"/proc/{self.pid}/clear_refs", "w") as file:
            file.write("5")

    def context_switches(self):
        """How often a thread of it was given the processor anew: {thread name and id: count}."""
        counts = {}
        for task in os.listdir(f"/proc/{self.pid}/task"):
            path = f"/proc/{self.pid}/task/{task}"
            with open(f"{path}/comm") as file:
                name = f"{file.read().strip()}/{task}"
            counts[name] = sum(
                self._status(f"{path}/status", f"{kind}_ctxt_switches") for kind in ("voluntary", "nonvoluntary"))
        return counts

    @staticmethod
    def _status(path, field):
        with open(path) as file:
            for line in file:
                name, _, value = line.partition(":")
                if name == field:
                    return int(value.split()[0])
        raise Failed(f"{path} has no {field}")


class Talker(Process):
    """A process that answers lines with lines."""

    def __init__(self, command):
        super().__init__(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def hear(self):
        line = self.process.stdout.readline()
        if not line:
            raise Failed(f"{os.path.basename(self.command[0])} ended with {self.process.wait()}")
        return line.split()

    def ask(self, line):
        self.say(line)
        return self.hear()


@dataclass
class Arrivals:
    """What the server saw: for each request when (microseconds since 1970), which job, which connection."""
    at: list
    number: list
    connection: list


class Server(Talker):
    """The target of the calls: server.c."""

    def __init__(self, bench, *arguments):
        super().__init__([os.path.join(bench.peers, "server"), *arguments])
        self.port = int(self.hear()[0])
        self._scratch = bench.scratch

    def count(self):
        """Requests and connections since the last reset."""
        requests, connections = self.ask("count")
        return int(requests), int(connections)

    def reset(self):
        self.ask("reset")

    def arrivals(self):
        with tempfile.NamedTemporaryFile(dir=self._scratch) as file:
            self.ask(f"dump {file.name}")
            words, halves = array("q"), array("I")
            data = file.read()
        words.frombytes(data)
        halves.frombytes(data)
        return Arrivals(at=words[0::2].tolist(), number=halves[2::4].tolist(), connection=halves[3::4].tolist())

    def wait_for(self, requests, timeout):
        """True once so many requests have arrived; asks ten times a second, which costs the measured side nothing."""
        end = time.monotonic() + timeout
        while self.count()[0] < requests:
            if time.monotonic() > end:
                return False
            time.sleep(0.1)
        return True


class Peer(Talker):
    """The bare libcurl loop: peer-calls.c."""

    def __init__(self, bench, port, limit):
        super().__init__([os.path.join(bench.peers, "peer-calls"), str(port), str(limit)])

    def begin(self, count, second=0):
        self.say(f"{second} {count}")

    def finish(self, count):
        good = int(self.hear()[0])
        if good != count:
            raise Failed(f"the peer made {count} calls and {good} went well")


class Daemon(Process):
    """httpcrond in the foreground over a directory of its own, ready once constructed.

    `jobs`: name → text of its file. `settings`: further lines of [Daemon]. `history`: one to go on with, whose files get
    a second name each."""

    def __init__(self, bench, directory, jobs, settings=(), history=None):
        paths = {name: os.path.join(directory, name) for name in ("jobs", "state", "httpcron.conf", "log", "notify")}
        os.mkdir(paths["jobs"])
        os.mkdir(paths["state"])
        if history:
            shutil.copytree(history, os.path.join(paths["state"], "history"), copy_function=os.link)
        for name, text in jobs.items():
            with open(os.path.join(paths["jobs"], f"{name}.job"), "w") as file:
                file.write(text)
        with open(paths["httpcron.conf"], "w") as file:
            file.write("\n".join(["[Daemon]", "CheckPermissions=no", "LogSuccess=no", *settings, ""]))
        self.state, self._log = paths["state"], paths["log"]
        self._ready = threading.Event()
        # A path in the scratch directory may be longer than a socket's address may be: an abstract name is not.
        name = f"httpcron-bench-{os.getpid()}-{os.path.basename(directory)}"
        self._notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notify.bind("\0" + name)
        threading.Thread(target=self._listen, daemon=True).start()
        environment = {"PATH": os.environ["PATH"], "NOTIFY_SOCKET": "@" + name}
        with open(self._log, "wb") as log:
            super().__init__(
                [os.path.join(bench.programs, "httpcrond"), "--jobs", paths["jobs"], "--state", paths["state"],
                 "--config", paths["httpcron.conf"]],
                env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self._wait_ready()

    def _listen(self):
        # Drained all the time: a full socket would block the daemon, whose sd_notify would wait for its manager.
        while True:
            try:
                message = self._notify.recv(65536)
            except OSError:
                return
            if b"READY=1" in message.split(b"\n"):
                self._ready.set()

    def _wait_ready(self):
        end = time.monotonic() + READY_TIMEOUT
        while not self._ready.wait(0.05):
            if self.process.poll() is not None or time.monotonic() > end:
                self.__exit__()
                raise Failed(f"httpcrond was not ready; its log ends:\n{self.log_tail()}")

    def log_tail(self, lines=20):
        with open(self._log, errors="replace") as file:
            return "".join(file.readlines()[-lines:])

    def stop(self):
        """SIGTERM, and the wait until everything is recorded."""
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            status = f"nothing in {STOP_TIMEOUT} s"
        if status != 0:
            raise Failed(f"httpcrond, told to stop, ended with {status}; its log ends:\n{self.log_tail()}")

    def recorded(self, bench):
        """Executions in its history, as `httpcron dump` counts them; None without that program."""
        tool = os.path.join(bench.programs, "httpcron")
        if not os.path.exists(tool):
            return None
        command = [tool, "dump", "--state", self.state, "-n", "all", "-o", "jsonl"]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as dump:
            return sum(b'"kind":"execution"' in line for line in dump.stdout)

    def __exit__(self, *arguments):
        super().__exit__(*arguments)
        self._notify.close()


def job(schedule, port, number):
    """A job that calls the server with its number as the path, once an occurrence, without retries."""
    return (f"[Job]\n{schedule}\nCatchUp=skip\n\n[Request]\nURL=http://127.0.0.1:{port}/{number}\n\n"
            "[Retry]\nMaxRetries=0\n")


def sleep_until(wall):
    """Sleeps until this second of the wall clock (a float since 1970)."""
    while (left := wall - time.time()) > 0:
        time.sleep(min(left, 1))
