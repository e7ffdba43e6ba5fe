"""Clients that mean harm, or are merely broken: each gets its answer or its end, and nobody else notices."""

import concurrent.futures
import socket
import time

from api import ROOT, SCRAPER, raw, status_of, watched
from daemon import check
from suite import test

HOST = b"Host: localhost\r\n"
GET = b"GET /healthz HTTP/1.1\r\n" + HOST

# What is refused, and how. All of it closes the connection: where the next request would begin is anybody's guess.
REFUSED = {
    "bare LF": (b"GET /healthz HTTP/1.1\nHost: a\n\n", 400),
    "a lone CR": (b"GET /healthz HTTP/1.1\rHost: a\r\n\r\n", 400),
    "no request line": (b"\r\n\r\n", 400),
    "two blanks": (b"GET  /healthz HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "a tab for a blank": (b"GET\t/healthz\tHTTP/1.1\r\n" + HOST + b"\r\n", 400),
    "a blank at the end": (b"GET /healthz HTTP/1.1 \r\n" + HOST + b"\r\n", 400),
    "http/1.1": (b"GET /healthz http/1.1\r\n" + HOST + b"\r\n", 400),
    "a folded request line": (b"GET /healthz HTTP/1.1\r\n Host: a\r\n\r\n", 400),
    "HTTP/0.9": (b"GET /healthz\r\n\r\n", 400),
    "HTTP/2.0": (b"GET /healthz HTTP/2.0\r\n" + HOST + b"\r\n", 505),
    "HTTP/2's preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    "a TLS client": (bytes.fromhex("16030100f8010000f40303") + bytes(range(200)), 400),
    "no Host": (b"GET /healthz HTTP/1.1\r\n\r\n", 400),
    "two Hosts": (GET + HOST + b"\r\n", 400),
    "a blank before the colon": (GET + b"X-A : b\r\n\r\n", 400),
    "a folded header": (GET + b"X-A: b\r\n c\r\n\r\n", 400),
    "a header without a name": (GET + b": b\r\n\r\n", 400),
    "a header's name that is no ASCII": (GET + "X-Ä: b\r\n\r\n".encode(), 400),
    "a header's name with a NUL": (GET + b"X-\0A: b\r\n\r\n", 400),
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
    "an empty length": (b"POST /x HTTP/1.1\r\n" + HOST + b"Content-Length:\r\n\r\n", 400),
    "a signed length": (b"POST /x HTTP/1.1\r\n" + HOST + b"Content-Length: +1\r\n\r\na", 400),
    "a list of lengths": (b"POST /x HTTP/1.1\r\n" + HOST + b"Content-Length: 1, 1\r\n\r\na", 400),
    "a hexadecimal length": (b"POST /x HTTP/1.1\r\n" + HOST + b"Content-Length: 0x1\r\n\r\na", 400),
    "a body that is too long": (b"POST /x HTTP/1.1\r\n" + HOST + b"Content-Length: 65537\r\n\r\n", 413),
    "a length beyond all numbers": (b"POST /x HTTP/1.1\r\n" + HOST + b"Content-Length: " + b"9" * 400 + b"\r\n\r\n", 413),
    "chunks": (b"POST /x HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 501),
    "a length and chunks": (b"POST /x HTTP/1.1\r\n" + HOST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "chunks in disguise": (b"POST /x HTTP/1.1\r\n" + HOST + b"Transfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n", 501),
    "chunks and a length": (b"POST /x HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 501),
    "chunks by another name": (b"POST /x HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n", 501),
    "two tokens": (GET + b"Authorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n", 400),
    "Expect": (b"POST /x HTTP/1.1\r\n" + HOST + b"Expect: 100-continue\r\nContent-Length: 1\r\n\r\n", 417),
    "a head of 8 KiB": (GET + b"X-A: " + b"a" * 8192 + b"\r\n\r\n", 431),
    "a head without an end": (b"GET /" + b"a" * 20_000, 431),
    "a hundred headers": (GET + b"".join(b"X-%d: a\r\n" % number for number in range(100)) + b"\r\n", 431),
    "binary garbage": (bytes((number * 7919 + number // 3) % 256 for number in range(5000)), 400),
}


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
def bodies():
    """a body of 64 KiB is taken, and what follows it is the next request; clients that stop in theirs keep nothing"""
    with watched() as daemon:
        post = b"POST /metrics HTTP/1.1\r\n" + HOST + b"Content-Length: %d\r\n\r\n"
        for connect in (daemon.local, daemon.remote):
            with connect() as connection:
                reply = raw(connection, post % 65536 + b"x" * 65536 + GET + b"Connection: close\r\n\r\n")
            check([int(piece[:3]) for piece in reply.split(b"HTTP/1.1 ")[1:]] == [405, 200], reply[:300])
            with connect() as connection:
                # An answer to who goes on sending, and does not look before he is done.
                reply = raw(connection, post % 65537 + b"x" * 65537)
            check(status_of(reply) == 413, reply[:300])
        held = [daemon.local() for _ in range(120)]
        for connection in held:
            connection.sendall(post % 65536 + b"x" * 65535)
        check(daemon.get("/healthz").status == 200, "nobody gets in")
        for connection in held:
            connection.close()


def send_slowly(connection, data):
    """A byte a second until the server has had enough; what it says to that."""
    for byte in data:
        try:
            connection.sendall(bytes([byte]))
        except OSError:
            break
        connection.settimeout(1)
        try:
            return connection.recv(65536)
        except TimeoutError:
            pass
        except OSError:
            break
    return None


def sip(connection):
    """Reads a byte a second for a while."""
    for _ in range(12):
        connection.recv(1)
        time.sleep(1)


@test
def slow():
    """a byte a second: a head or a body ends after 10 s with 408; who says nothing or does not read ends, too"""
    with watched() as daemon, concurrent.futures.ThreadPoolExecutor() as pool:
        body = b"POST /x HTTP/1.1\r\n" + HOST + b"Content-Length: 100\r\n\r\n"
        silent, unread, sipped = daemon.local(), daemon.local(), daemon.remote()
        for one in (unread, sipped):
            one.sendall((b"GET /metrics HTTP/1.1\r\n" + HOST + f"Authorization: Bearer {SCRAPER}\r\n\r\n".encode()) * 1000)
        began = time.monotonic()
        dripping = [pool.submit(send_slowly, connect(), data) for connect in (daemon.local, daemon.remote)
                    for data in (GET * 2, body)]
        in_body = daemon.local()
        in_body.sendall(body)
        dripping.append(pool.submit(send_slowly, in_body, b"x" * 100))
        pool.submit(sip, sipped)
        for one in dripping:
            reply = one.result(40)
            check(reply is not None and status_of(reply) == 408, reply)
        check(9 < time.monotonic() - began < 20, f"after {time.monotonic() - began:.1f} s")
        check(raw(silent, b"") == b"", "the silent one is still there")
        # This side has closed none of them: it is the server that does. It gave up in the middle of an answer.
        daemon.await_closed()
        check(time.monotonic() - began < 20, f"who does not read was there for {time.monotonic() - began:.1f} s")
        for one in (unread, sipped):
            rest = raw(one, b"")
            check(0 < rest.count(b"HTTP/1.1 200") < 1000, f"{rest.count(b'HTTP/1.1 200')} answers")
        for one in (silent, unread, sipped, in_body):
            one.close()


@test
def broken():
    """clients that go away at any point, half-close, or reset leave nothing behind"""
    with watched() as daemon:
        whole = b"GET " + f"{ROOT}/jobs".encode() + b" HTTP/1.1\r\n" + HOST + b"\r\n"
        for connect, status in ((daemon.local, 200), (daemon.remote, 401)):
            for length in range(0, len(whole) + 1, 3):
                with connect() as connection:
                    connection.sendall(whole[:length])
            for length in range(0, len(whole) + 1):
                with connect() as connection:
                    connection.sendall(whole[:length])
                    connection.shutdown(socket.SHUT_WR)
                    reply = raw(connection, b"")
                expected = status if length == len(whole) else None
                check(status_of(reply) == expected and reply.endswith(b"}") == bool(expected), length, reply[:300])
        for number in range(200):
            with daemon.remote() as connection:
                connection.sendall(whole[:number] if number < len(whole) else whole * 5)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
