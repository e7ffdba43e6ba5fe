"""A server on loopback that remembers every request, and whose listeners behave as badly as they are told to.

One thread, one asyncio loop, any number of listeners. A behaviour is a coroutine that is given each connection."""

import asyncio
import dataclasses
import socket
import struct
import threading
import time


@dataclasses.dataclass
class Request:
    at: float  # wall clock, when the head was complete
    listener: str
    connection: int
    method: str
    target: str
    headers: list
    body: bytes

    def header(self, name):
        """The value, or None; what came twice is joined, so that a test sees it."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(values) if values else None

    @property
    def job(self):
        return self.header("X-Httpcron-Job")


class Connection:
    """One accepted connection, as a behaviour sees it."""

    def __init__(self, server, listener, reader, writer):
        self.server, self.listener, self.reader, self.writer = server, listener, reader, writer
        self.number = server.next_connection()

    async def request(self):
        """The next request, remembered; None when the client is gone."""
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
            lines = head.decode("latin-1").split("\r\n")
            method, target, _ = lines[0].split(" ", 2)
            headers = [tuple(part.strip() for part in line.split(":", 1)) for line in lines[1:] if line]
            request = Request(time.time(), self.listener, self.number, method, target, headers, b"")
            length = int(request.header("Content-Length") or 0)
            request.body = await self.reader.readexactly(length) if length else b""
        except (asyncio.IncompleteReadError, ConnectionError, ValueError):
            return None
        self.server.remember(request)
        return request

    async def send(self, data):
        """False when the client has gone."""
        try:
            self.writer.write(data.encode("latin-1") if isinstance(data, str) else data)
            await self.writer.drain()
            return True
        except ConnectionError:
            return False

    async def answer(self, status=200, body=b"ok", headers=()):
        body = body.encode() if isinstance(body, str) else body
        head = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}"]
        head += [f"{name}: {value}" for name, value in headers]
        return await self.send("\r\n".join(head).encode() + b"\r\n\r\n" + body)

    def reset(self):
        """Ends the connection with a RST instead of a FIN."""
        raw = self.writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def stall(self):
        """Says nothing more, until the client gives up."""
        while await self.reader.read(65536):
            pass


class Server:
    def __init__(self, host="127.0.0.1"):
        self.host = host
        self.requests = []
        self.on_request = None
        self.counts = {}
        self._connections = 0
        self._lock = threading.Lock()
        self._held = []
        self._loop = asyncio.new_event_loop()
        # Clients that vanish in the middle are what this server is for.
        self._loop.set_exception_handler(lambda *_: None)
        threading.Thread(target=self._loop.run_forever, daemon=True).start()

    def close(self):
        """For a suite that needs many of them."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        with self._lock:
            self.requests = []

    # What happened

    def next_connection(self):
        self._connections += 1
        return self._connections

    def remember(self, request):
        with self._lock:
            self.requests.append(request)
        if self.on_request:
            self.on_request(request)

    def seen(self, job=None, listener=None):
        """The requests so far, oldest first."""
        with self._lock:
            return [one for one in self.requests
                    if (job is None or one.job == job) and (listener is None or one.listener == listener)]

    def count(self, key):
        """How often this was called with `key`, from 1."""
        self.counts[key] = self.counts.get(key, 0) + 1
        return self.counts[key]

    # Listening

    def _run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(30)

    def listen(self, name, behaviour, tls=None, port=0, path=None):
        """Gives the port. `tls`: an SSLContext. `path`: a Unix socket instead."""
        async def handle(reader, writer):
            connection = Connection(self, name, reader, writer)
            try:
                await behaviour(connection)
                if writer.can_write_eof():
                    await writer.drain()
            except (ConnectionError, OSError):
                pass
            finally:
                writer.close()

        if path is not None:
            self._run(asyncio.start_unix_server(handle, path, limit=1 << 20))
            return None
        listening = self._run(asyncio.start_server(
            handle, self.host, port, ssl=tls, limit=1 << 20, backlog=1024,
            **({"ssl_handshake_timeout": 60} if tls else {})))
        return listening.sockets[0].getsockname()[1]

    def hold(self, listening):
        """A port that is taken, and either refuses, or listens with a full queue and lets nobody in."""
        holder = socket.socket()
        holder.bind((self.host, 0))
        port = holder.getsockname()[1]
        self._held.append(holder)
        if listening:
            holder.listen(0)
            for _ in range(4):
                filler = socket.socket()
                filler.setblocking(False)
                try:
                    filler.connect((self.host, port))
                except BlockingIOError:
                    pass
                self._held.append(filler)
        return port
