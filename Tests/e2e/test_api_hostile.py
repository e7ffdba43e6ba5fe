"""Clients that mean harm, or are merely broken: each gets its answer or its end, and nobody else notices."""

import contextlib
import datetime
import socket
import time

import behaviours as do
from api import ROOT, ApiDaemon, raw, status_of
from daemon import check, job, wait_for
from hostile import Server
from suite import test

HOST = b"Host: localhost\r\n"
GET = b"GET /healthz HTTP/1.1\r\n" + HOST

# What is refused, and how. All of it closes the connection: where the next request would begin is anybody's guess.
REFUSED = {
    "bare LF": (b"GET /healthz HTTP/1.1\nHost: a\n\n", 400),
    "a lone CR": (b"GET /healthz HTTP/1.1\rHost: a\r\n\r\n", 400),
    "no request line": (b"\r\n\r\n", 400),
    "two blanks": (b"GET  /healthz HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "HTTP/0.9": (b"GET /healthz\r\n\r\n", 400),
    "HTTP/2.0": (b"GET /healthz HTTP/2.0\r\n" + HOST + b"\r\n", 505),
    "HTTP/2's preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    "a TLS client": (bytes.fromhex("16030100f8010000f40303") + bytes(range(200)), 400),
    "no Host": (b"GET /healthz HTTP/1.1\r\n\r\n", 400),
    "two Hosts": (GET + HOST + b"\r\n", 400),
    "a blank before the colon": (GET + b"X-A : b\r\n\r\n", 400),
    "a folded header": (GET + b"X-A: b\r\n c\r\n\r\n", 400),
    "a header without a name": (GET + b": b\r\n\r\n", 400),
    "a header without a colon": (GET + b"X-A\r\n\r\n", 400),
    "NUL in a header": (GET + b"X-A: a\0b\r\n\r\n", 400),
    "NUL in the path": (b"GET /heal\0thz HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "%00 in the path": (b"GET /healthz%00 HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "half an escape": (b"GET /healthz%4 HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "no UTF-8": (b"GET /%ff HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "the form for proxies": (b"GET http://localhost/healthz HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "CONNECT": (b"CONNECT localhost:80 HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "two lengths": (b"POST /x HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
    "the same length twice": (b"POST /x HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\na", 400),
    "a signed length": (b"POST /x HTTP/1.1\r\n" + HOST + b"Content-Length: +1\r\n\r\na", 400),
    "a list of lengths": (b"POST /x HTTP/1.1\r\n" + HOST + b"Content-Length: 1, 1\r\n\r\na", 400),
    "a hexadecimal length": (b"POST /x HTTP/1.1\r\n" + HOST + b"Content-Length: 0x1\r\n\r\na", 400),
    "a body that is too long": (b"POST /x HTTP/1.1\r\n" + HOST + b"Content-Length: 65537\r\n\r\n", 413),
    "a length beyond all numbers": (b"POST /x HTTP/1.1\r\n" + HOST + b"Content-Length: " + b"9" * 400 + b"\r\n\r\n", 413),
    "chunks": (b"POST /x HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 501),
    "a length and chunks": (b"POST /x HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "chunks in disguise": (b"POST /x HTTP/1.1\r\n" + HOST + b"Transfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n", 501),
    "Expect": (b"POST /x HTTP/1.1\r\n" + HOST + b"Expect: 100-continue\r\nContent-Length: 1\r\n\r\n", 417),
    "a head of 8 KiB": (GET + b"X-A: " + b"a" * 8192 + b"\r\n\r\n", 431),
    "a head without an end": (b"GET /" + b"a" * 20_000, 431),
    "a hundred headers": (GET + b"".join(b"X-%d: a\r\n" % number for number in range(100)) + b"\r\n", 431),
    "binary garbage": (bytes((number * 7919 + number // 3) % 256 for number in range(5000)), 400),
}


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


@contextlib.contextmanager
def watched():
    """A daemon with a call a second; gives it, and looks afterwards whether anything is left of what was done to it."""
    server = Server()
    url = f"http://127.0.0.1:{server.listen('polite', do.polite)}/"
    with ApiDaemon({"steady": job(url)}).start() as daemon:
        daemon.await_executions("steady", 2)
        # What it opens once, and keeps, is no leak.
        for path in ("/healthz", "/metrics", f"{ROOT}/jobs", f"{ROOT}/jobs/steady/executions") * 10:
            daemon.get(path)
        open_before, resident = daemon.descriptors_open(), daemon.resident()
        yield daemon
        check(daemon.get("/healthz").document == {"status": "ok"}, "not well any more")
        wait_for(lambda: daemon.descriptors_open() <= open_before + 1, 15,
                 f"{open_before} open files; there are {daemon.descriptors_open()}")
        grown = daemon.resident() - resident
        check(grown < 8 << 20, f"{grown >> 10} KiB more in memory")
        rows = daemon.executions("steady")
        seconds = [row["scheduled_at"] for row in rows]
        late = max(instant(row["started_at_us"]) - instant(row["scheduled_at"]) for row in rows[1:])
        print(f"      a call a second meanwhile: {len(rows)}, the latest by {late * 1e3:.1f} ms", flush=True)
        first, last = (int(time.mktime(time.strptime(one, "%Y-%m-%dT%H:%M:%SZ"))) for one in (seconds[0], seconds[-1]))
        check(len(set(seconds)) == last - first + 1, f"calls are missing: {seconds}")


@test
def refused():
    """heads that two programs could read differently, and such as are too long, are refused, and nobody else notices"""
    with watched() as daemon:
        for name, (data, status) in REFUSED.items():
            for connect in (daemon.local, daemon.remote):
                with connect() as connection:
                    reply = raw(connection, data)
                found = status_of(reply)
                yield f"{name}, {connect.__name__}", None if found == status and reply.count(b"HTTP/1.1 ") == 1 else repr(reply[:300])


@test
def pipelined():
    """200 requests in one go are answered in their order, and a body's rest is no request"""
    with watched() as daemon:
        requests = b"".join(b"GET %s HTTP/1.1\r\n%s\r\n" % (path, HOST) for path in
                            (b"/healthz", f"{ROOT}/jobs/steady/executions?limit=1".encode(), b"/nope") * 66)
        with daemon.local() as connection:
            reply = raw(connection, requests + b"GET /healthz HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
        statuses = [int(piece[:3]) for piece in reply.split(b"HTTP/1.1 ")[1:]]
        check(statuses == [200, 200, 404] * 66 + [200], statuses)
        body = b"GET /nope HTTP/1.1\r\n" + HOST + b"\r\n"
        with daemon.local() as connection:
            reply = raw(connection, b"POST /metrics HTTP/1.1\r\n" + HOST + b"Content-Length: %d\r\n\r\n" % len(body) + body
                        + GET + b"Connection: close\r\n\r\n")
        check([int(piece[:3]) for piece in reply.split(b"HTTP/1.1 ")[1:]] == [405, 200], reply)


@test
def slow():
    """a head that comes byte by byte ends after 10 s with 408; an idle connection and a silent one end, too"""
    with watched() as daemon:
        dripping, silent, unread = daemon.local(), daemon.local(), daemon.remote()
        unread.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        unread.sendall((b"GET /metrics HTTP/1.1\r\n" + HOST + b"\r\n") * 2000)
        began = time.monotonic()
        with contextlib.suppress(OSError):
            for byte in GET * 2:
                dripping.sendall(bytes([byte]))
                time.sleep(0.3)
                if time.monotonic() - began > 20:
                    break
        reply = raw(dripping, b"")
        check(status_of(reply) == 408 or reply == b"", reply)
        check(9 < time.monotonic() - began < 20, f"after {time.monotonic() - began:.1f} s")
        check(raw(silent, b"") == b"", "the silent one is still there")
        for one in (dripping, silent, unread):
            one.close()


@test
def broken():
    """clients that go away at any point, half-close, or reset leave nothing behind"""
    with watched() as daemon:
        whole = b"GET " + f"{ROOT}/jobs".encode() + b" HTTP/1.1\r\n" + HOST + b"\r\n"
        for length in range(0, len(whole) + 1, 3):
            for connect in (daemon.local, daemon.remote):
                with connect() as connection:
                    connection.sendall(whole[:length])
        for _ in range(50):
            with daemon.remote() as connection:
                connection.sendall(whole)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        with daemon.local() as connection:
            connection.sendall(whole)
            connection.shutdown(socket.SHUT_WR)
            reply = raw(connection, b"")
        check(status_of(reply) == 200 and reply.endswith(b"]}"), reply[:300])


@test
def many():
    """10,000 connections one after the other, and 1,000 at once: at most 128 stay, and somebody new always gets in"""
    with watched() as daemon:
        for number in range(10_000):
            with (daemon.local if number % 2 else daemon.remote)() as connection:
                if number % 10 == 0:
                    check(status_of(raw(connection, GET + b"Connection: close\r\n\r\n")) == 200, number)
        held = []
        for number in range(1_000):
            held.append(daemon.remote())
            if number % 100 == 99:
                check(daemon.get("/healthz").status == 200, "nobody gets in")
        check(daemon.descriptors_open() < 200, f"{daemon.descriptors_open()} open files")
        for one in held:
            one.close()
