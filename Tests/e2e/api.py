"""A daemon whose API listens, and a client that sends just what it is told to."""

import contextlib
import datetime
import http.client
import json
import os
import pathlib
import socket
import time

import behaviours as do
from daemon import Daemon, check, job, wait_for
from hostile import Server

READER, WRITER, SCRAPER = "reader-token-0123456789", "writer-token-0123456789", "scraper-token-0123456789"
TOKENS = f"# who may what\n{READER} cron:read\n{WRITER} cron:read,cron:write\n\n{SCRAPER} metrics\n"
ROOT = "/api/v1/cron"


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def document(self):
        return json.loads(self.body)


class ApiDaemon(Daemon):
    """Listens on a Unix socket and, with tokens, on a TCP port."""

    def __init__(self, jobs, settings="", tokens=TOKENS):
        super().__init__(jobs, settings)
        self.credentials = self.root / "credentials"
        self.credentials.mkdir(mode=0o750)
        self.environment["CREDENTIALS_DIRECTORY"] = str(self.credentials)
        if tokens is not None:
            self.write_tokens(tokens)
        self.path = self.root / "api.sock"
        self.prefix, self.program = (), None  # what starts the program, and another copy of it
        self.opened = 0  # files, when all was quiet
        self.server = None  # that is called; the test's to set
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    def write_tokens(self, text):
        path = self.credentials / "api-tokens"
        path.write_text(text)
        path.chmod(0o600)

    def command(self, *more):
        program, *words = super().command("--listen", f"unix:{self.path}", "--listen", f"127.0.0.1:{self.port}", *more)
        return [*self.prefix, str(self.program or program), *words]

    def start(self, wait=True):
        while not self.notices.empty():
            self.notices.get()
        return super().start(wait)

    def local(self):
        """A connection to the Unix socket."""
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(20)
        connection.connect(str(self.path))
        return connection

    def remote(self):
        connection = socket.create_connection(("127.0.0.1", self.port))
        connection.settimeout(20)
        return connection

    def ask(self, path, method="GET", token=None, form=None, local=True):
        """One request on a connection of its own. With a token: by TCP."""
        client = http.client.HTTPConnection("localhost", timeout=20)
        client.sock = self.remote() if token is not None or not local else self.local()
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        client.request(method, path, body=form, headers=headers)
        reply = client.getresponse()
        answer = Answer(reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read())
        client.close()
        return answer

    def get(self, path, status=200, **more):
        answer = self.ask(path, **more)
        check(answer.status == status, f"GET {path}: {answer.status}, not {status}: {answer.body[:400]}")
        return answer

    def post(self, path, status=202, **more):
        answer = self.ask(path, "POST", **more)
        check(answer.status == status, f"POST {path}: {answer.status}, not {status}: {answer.body[:400]}")
        return answer

    def tool(self, *arguments, allowed=(0,)):
        if arguments[0] in ("run", "pause", "resume", "reload", "status"):
            arguments = (*arguments, "--socket", str(self.path))
        return super().tool(*arguments, allowed=allowed)

    # What it takes of the machine

    def await_closed(self):
        """Until it has let go of every client."""
        wait_for(lambda: self.descriptors_open() <= self.opened + 1, 25,
                 f"{self.opened} open files; there are {self.descriptors_open()}")

    def descriptors_open(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def await_tidied(self):
        """Until it has given back what its start took: two seconds after it."""
        first, deadline = self.resident(), time.monotonic() + 4
        while self.resident() > first - (1 << 20) and time.monotonic() < deadline:
            time.sleep(0.1)

    def resident(self):
        """Of memory that is its own: pages of the program's text come and go as they are used."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
        return 0


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


@contextlib.contextmanager
def watched(jobs=(), **settings):
    """A daemon with a call a second; gives it, and looks afterwards whether anything is left of what was done to it."""
    server = Server()
    url = f"http://127.0.0.1:{server.listen('polite', do.polite)}/"
    with ApiDaemon({"steady": job(url), **dict(jobs)}, **settings) as daemon:
        daemon.start().server = server
        daemon.await_executions("steady", 2)
        # What it opens once, and keeps, is no leak.
        for path in ("/healthz", "/metrics", f"{ROOT}/jobs", f"{ROOT}/jobs/steady/executions") * 10:
            daemon.get(path)
        daemon.await_tidied()
        daemon.opened, resident = daemon.descriptors_open(), daemon.resident()
        yield daemon
        check(daemon.get("/healthz").document == {"status": "ok"}, "not well any more")
        daemon.await_closed()
        # What a crowd took it gives back a moment later.
        wait_for(lambda: daemon.resident() - resident < 4 << 20, 10,
                 f"{resident >> 10} KiB of memory; there are {daemon.resident() >> 10}")
        grown = daemon.resident() - resident
        # Calls that were due while it went on, and two that were due afterwards.
        rows = daemon.await_executions("steady", len(daemon.executions("steady")) + 2)
        due = [instant(row["scheduled_at"]) for row in rows]
        late = max(instant(row["started_at_us"]) - moment for row, moment in zip(rows[1:], due[1:]))
        print(f"      a call a second meanwhile: {len(rows)}, the latest by {late * 1e3:.1f} ms; {grown >> 10} KiB more in"
              f" memory", flush=True)
        check(due == [due[0] + number for number in range(len(due))], f"calls are missing, or came twice: {due}")
        check(not daemon.notes("steady"), daemon.notes("steady"))


def raw(connection, data, until_close=True):
    """Sends bytes as they are; what comes back until the server closes."""
    received = b""
    try:
        if data:
            connection.sendall(data)
        while until_close:
            piece = connection.recv(65536)
            if not piece:
                break
            received += piece
    except (ConnectionError, TimeoutError):
        pass
    return received


def status_of(reply):
    return int(reply[9:12]) if reply.startswith(b"HTTP/1.1 ") else None


__all__ = ["ApiDaemon", "READER", "ROOT", "SCRAPER", "TOKENS", "WRITER", "check", "instant", "raw", "status_of", "wait_for", "watched"]
