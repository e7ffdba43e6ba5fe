"""The table of errors, row by row, against servers that really misbehave."""

import dataclasses
import re
import ssl
import tempfile
import time

import behaviours as do
import world
from certificates import Certificates
from daemon import Daemon, at, job
from hostile import Server
from suite import Skip, test

TIMEOUT = "%Mint.TransportError{reason: :timeout}"
CLOSED = "%Mint.TransportError{reason: :closed}"
NO_NAME = "%Mint.TransportError{reason: :nxdomain}"
# A pattern starts with ^.
ALERT = r'^%Mint\.TransportError\{reason: \{:tls_alert, \{:NAME, ~c".*"\}\}\}$'
NO_HTTP = r"^%Mint\.HTTPError\{reason: .+, module: Mint\.HTTP1\}$"
NOT_SENT = r"^%Httpcron\.RequestError\{reason: .+\}$"

OK = "HTTP/1.1 200 OK\r\n"
CHUNKED = OK + "Transfer-Encoding: chunked\r\n\r\n"

# Every call of the table is given this long; whoever wants less says so.
LIMITS = ("Timeout=2s", "ConnectTimeout=1500ms")


@dataclasses.dataclass
class Row:
    name: str
    """Words for the report, and with dashes the job's name."""
    behaviour: object = None
    """None: the URL has no listener of ours behind it."""
    code: object = None
    """`error_code`, or several that are right; None: it succeeds."""
    error: str = None
    status: int = None
    body: str = None
    url: str = "http://127.0.0.1:{port}/"
    request: tuple = ()
    tls: str = None
    """Which certificate the listener shows."""
    tls_options: dict = dataclasses.field(default_factory=dict)
    seconds: tuple = (0, 4)
    """How long the attempt may take."""
    needs_world: bool = False
    also: object = None
    """A further look at the record: gives what is wrong, or None."""

    @property
    def job(self):
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")


def tls(name, certificate, code, alert, **more):
    return Row(name, do.polite, code, ALERT.replace("NAME", alert) if alert else None, tls=certificate,
               url="https://127.0.0.1:{port}/", request=("CAFile={authority}",), **more)


def truncated(size, stored, flag):
    def look(record):
        if record["response_truncated"] is not flag or record["response_bytes"] != size:
            return f"response_truncated {record['response_truncated']}, response_bytes {record['response_bytes']}"
    return dict(status=200, body=stored + ("...[truncated]" if flag else ""), also=look)


def whole(text, head=OK):
    data = text if isinstance(text, bytes) else text.encode()
    return do.sending(head.encode() + f"Content-Length: {len(data)}\r\n\r\n".encode() + data)


def stopped_reading(record):
    if not 1 << 20 <= record["response_bytes"] <= 2 << 20 or not record["response_truncated"]:
        return f"read {record['response_bytes']} bytes of an endless body"


STATUS = [
    Row(f"status {code}", do.polite, "http_status", f"HTTP {code}", code, body='{"status":%d}' % code,
        url="http://127.0.0.1:{port}/status/%d" % code)
    for code in (400, 401, 404, 408, 429, 500, 503)
] + [
    Row("status 302 not followed", do.polite, "http_status", "HTTP 302", 302, url="http://127.0.0.1:{port}/round"),
    Row("status 999", do.sending("HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n"), "http_status", "HTTP 999", 999),
    Row("status 404 that is a success here", do.polite, status=404, url="http://127.0.0.1:{port}/status/404",
        request=("SuccessStatus=200 404",)),
    Row("status 201", do.polite, status=201, url="http://127.0.0.1:{port}/status/201"),
    Row("status 204 without a body", do.sending("HTTP/1.1 204 No Content\r\n\r\n"), status=204),
    Row("redirects without an end", do.polite, "too_many_redirects", "%Req.TooManyRedirectsError{max_redirects: 3}",
        url="http://127.0.0.1:{port}/round", request=("MaxRedirects=3",)),
    Row("a redirect that is followed", do.polite, status=200, body="ok", url="http://127.0.0.1:{port}/to/302//ok",
        request=("MaxRedirects=3",)),
]

TIMEOUTS = [
    Row("name server that never answers", None, "timeout_dns", TIMEOUT, url="http://host.silent/", seconds=(1.4, 3),
        needs_world=True),
    Row("full accept queue", "hold", "timeout_connect", TIMEOUT, seconds=(1.4, 3)),
    Row("handshake never answered", do.silent, "timeout_tls", TIMEOUT, url="https://127.0.0.1:{port}/",
        seconds=(1.4, 3)),
    Row("request never answered", do.silent, "timeout_first_byte", TIMEOUT, seconds=(1.9, 3)),
    Row("head that stops", do.stalling(OK + "Content-"), ("timeout_first_byte", "timeout_body"), TIMEOUT,
        seconds=(1.9, 3)),
    Row("body that stops", do.stalling(OK + "Content-Length: 100\r\n\r\nhalf"), "timeout_body", TIMEOUT,
        seconds=(1.9, 3)),
    Row("body drop by drop", do.repeating(OK + "Content-Length: 1000\r\n\r\n", b"x", 0.1), "timeout_body", TIMEOUT,
        seconds=(1.9, 3)),
    Row("chunks that stop", do.stalling(CHUNKED + "4\r\nhalf\r\n"), "timeout_body", TIMEOUT, seconds=(1.9, 3)),
]

CONNECTING = [
    Row("refused", "refuse", "connect_refused", "%Mint.TransportError{reason: :econnrefused}"),
    Row("no route to the host", None, "host_unreachable", "%Mint.TransportError{reason: :ehostunreach}",
        url=f"http://{world.NO_HOST}/", needs_world=True),
    Row("no route to the network", None, "network_unreachable", "%Mint.TransportError{reason: :enetunreach}",
        url=f"http://{world.NO_NETWORK}/", needs_world=True),
    Row("name that does not exist", None, "dns_not_found", NO_NAME, url="http://host.missing/", needs_world=True),
    Row("name server that fails", None, "dns_failed", NO_NAME, url="http://host.broken/", needs_world=True),
    Row("name that resolves", do.polite, status=200, url="http://host.test:{port}/", needs_world=True),
]

BROKEN_OFF = [
    Row("closed when accepted", do.closing, "connection_closed", CLOSED),
    Row("reset when accepted", do.resetting_at_once, "connection_closed", CLOSED),
    Row("closed before an answer", do.sending(), "connection_closed", CLOSED),
    Row("reset before an answer", do.resetting(), "connection_closed", CLOSED),
    Row("closed within the status line", do.sending("HTTP/1."), ("connection_closed", "http_protocol")),
    Row("closed within the head", do.sending(OK + "X-Half: y"), "connection_closed", CLOSED),
    Row("reset within the head", do.resetting(OK + "X-Half: y"), "connection_closed", CLOSED),
    Row("closed within the body", do.sending(OK + "Content-Length: 100\r\n\r\nhalf"), "connection_closed", CLOSED),
    Row("reset within the body", do.resetting(OK + "Content-Length: 100\r\n\r\nhalf"), "connection_closed", CLOSED),
    Row("closed within a chunk", do.sending(CHUNKED + "9\r\nhalf"), "connection_closed", CLOSED),
    Row("closed between chunks", do.sending(CHUNKED + "4\r\nhalf\r\n"), "connection_closed", CLOSED),
    Row("reset within a body without a length", do.resetting(OK + "\r\nhalf"), "connection_closed", CLOSED),
]

NOT_HTTP = [
    Row("another protocol", do.babbling, "http_protocol", NO_HTTP),
    Row("no status line", do.sending("hello, world\r\n\r\n"), "http_protocol", NO_HTTP),
    Row("status of letters", do.sending("HTTP/1.1 abc OK\r\n\r\n"), "http_protocol", NO_HTTP),
    Row("status 0", do.sending("HTTP/1.1 000 OK\r\nContent-Length: 0\r\n\r\n"), ("http_protocol", "http_status")),
    Row("negative length", do.sending(OK + "Content-Length: -5\r\n\r\n"), "http_protocol", NO_HTTP),
    Row("two lengths", do.sending(OK + "Content-Length: 2\r\nContent-Length: 4\r\n\r\nokay"), "http_protocol", NO_HTTP),
    Row("NUL in a header", do.sending(OK + "X-A: a\0b\r\nContent-Length: 0\r\n\r\n"), "http_protocol", NO_HTTP),
    Row("chunk size of letters", do.sending(CHUNKED + "zz\r\nok\r\n0\r\n\r\n"), "http_protocol", NO_HTTP),
    Row("endless header lines", do.repeating(OK, b"X-A: " + b"y" * 1000 + b"\r\n"), "http_protocol", NO_HTTP),
    Row("one header of 200 KiB", do.sending(OK + "X-A: " + "y" * 204800 + "\r\nContent-Length: 0\r\n\r\n"),
        "http_protocol", NO_HTTP),
    Row("endless interim answers", do.repeating("", b"HTTP/1.1 103 Early Hints\r\nX-A: " + b"y" * 1000 + b"\r\n\r\n"),
        "http_protocol", NO_HTTP),
    Row("endless trailers", do.repeating(CHUNKED + "2\r\nok\r\n0\r\n", b"X-A: " + b"y" * 1000 + b"\r\n"),
        "http_protocol", NO_HTTP),
]

TLS = [
    Row("good certificate", do.polite, status=200, body="ok", url="https://127.0.0.1:{port}/",
        request=("CAFile={authority}",), tls="good"),
    Row("unknown certificate with VerifyTLS=no", do.polite, status=200, url="https://127.0.0.1:{port}/",
        request=("VerifyTLS=no",), tls="strange"),
    Row("client certificate given", do.polite, status=200, url="https://127.0.0.1:{port}/", tls="good",
        request=("CAFile={authority}", "ClientCertificate={certificates}/client.pem",
                 "ClientKey={certificates}/client.key"), tls_options=dict(client_authority="authority")),
    tls("unknown authority", "strange", "tls_unknown_ca", "unknown_ca"),
    tls("self-signed", "self-signed", "tls_unknown_ca", "unknown_ca"),
    tls("expired", "expired", "tls_expired", "certificate_expired"),
    tls("not valid yet", "early", ("tls_expired", "tls_handshake"), None),
    tls("another host's", "elsewhere", "tls_hostname", "bad_certificate"),
    tls("client certificate demanded", "good", ("tls_handshake", "connection_closed"), None,
        tls_options=dict(client_authority="authority")),
    tls("too old a version", "good", ("tls_handshake", "connection_closed"), None, tls_options=dict(newest=ssl.TLSVersion.TLSv1_1)),
    Row("no TLS behind https", do.babbling, "tls_handshake", url="https://127.0.0.1:{port}/"),
    Row("closed within the handshake", do.closing, ("tls_handshake", "connection_closed"),
        url="https://127.0.0.1:{port}/"),
    Row("reset within the handshake", do.resetting_at_once, ("tls_handshake", "connection_closed"),
        url="https://127.0.0.1:{port}/"),
    Row("TLS behind http", do.polite, ("http_protocol", "connection_closed"), tls="good"),
]

BODIES = [
    Row("body of 2048 bytes", whole("a" * 2048), **truncated(2048, "a" * 2048, False)),
    Row("body of 2049 bytes", whole("a" * 2049), **truncated(2049, "a" * 2048, True)),
    Row("body cut within a character", whole("a" * 2047 + "é" + "b" * 100), **truncated(2149, "a" * 2047, True)),
    Row("body cut within a character of four", whole("a" * 2045 + "🙂" + "b"), **truncated(2050, "a" * 2045, True)),
    Row("body that is not UTF-8", whole(b"\xff\xfe ok"), status=200, body="\ufffd\ufffd ok"),
    Row("body with NUL and ESC", whole(b"a\x00\x1b[31mb"), status=200, body="a\x00\x1b[31mb"),
    Row("body without a length", do.sending(OK + "\r\nto the end"), status=200, body="to the end"),
    Row("body in chunks", do.sending(CHUNKED + "4\r\nhalf\r\n", "1\r\n!\r\n0\r\n\r\n"), status=200, body="half!"),
    Row("body after interim answers", do.sending("HTTP/1.1 100 Continue\r\n\r\n" + OK + "Content-Length: 2\r\n\r\nok"),
        status=200, body="ok"),
    Row("body of HTTP/1.0", do.sending("HTTP/1.0 200 OK\r\n\r\nold"), status=200, body="old"),
    Row("body without an end", do.repeating(OK + "\r\n", b"x" * 65536), status=200, also=stopped_reading),
    Row("body of a failure", whole('{"e":1}', "HTTP/1.1 500 No\r\n"), "http_status", "HTTP 500", 500, '{"e":1}'),
]

NEVER_SENT = [
    Row("credential that is missing", do.polite, "request_invalid", NOT_SENT,
        request=("Header=X-Key: ${{credential:nowhere}}",)),
    Row("body file that is missing", do.polite, "request_invalid", NOT_SENT, request=("BodyFile=/nowhere/at/all",)),
]

ROWS = STATUS + TIMEOUTS + CONNECTING + BROKEN_OFF + NOT_HTTP + TLS + BODIES + NEVER_SENT


def listen(server, row, certificates):
    if row.behaviour is None:
        return 0
    if row.behaviour in ("hold", "refuse"):
        return server.hold(listening=row.behaviour == "hold")
    context = certificates.server(row.tls, **row.tls_options) if row.tls else None
    return server.listen(row.job, row.behaviour, context)


def matches(expected, actual):
    if expected is None or actual is None:
        return expected is actual
    return re.search(expected, actual, re.S) is not None if expected.startswith("^") else expected == actual


def problem(row, records):
    """What is wrong with the record of a row, or None."""
    if len(records) != 1:
        return f"{len(records)} executions"
    record = records[0]
    codes = row.code if isinstance(row.code, tuple) else (row.code,)
    wrong = []
    if record["status"] != ("success" if row.code is None else "failed"):
        wrong.append(f"status is {record['status']}")
    if record["error_code"] not in codes:
        wrong.append(f"error_code is {record['error_code']}, not {' or '.join(map(str, codes))}")
    if (row.error is not None or row.code is None) and not matches(row.error, record["error"]):
        wrong.append(f"error is {record['error']}, not {row.error}")
    if record["http_status"] != row.status and "http_status" not in codes:
        wrong.append(f"http_status is {record['http_status']}, not {row.status}")
    if row.status is None and "http_status" not in codes and record["response_body"] is not None:
        wrong.append(f"a connection-level error with a body: {record['response_body'][:40]!r}")
    if row.body is not None and record["response_body"] != row.body:
        wrong.append(f"response_body ends in {(record['response_body'] or '')[-40:]!r}")
    if not row.seconds[0] * 1000 <= record["duration_ms"] <= row.seconds[1] * 1000:
        wrong.append(f"took {record['duration_ms']} ms, not {row.seconds} s")
    if row.also and (more := row.also(record)):
        wrong.append(more)
    return "; ".join(wrong) + f"\n{record}" if wrong else None


@test
def the_table():
    """an attempt and its error

    All of them in one daemon and in the same second, beside a job that must stay on time all the while."""
    server, rows = Server(), [row for row in ROWS if world.EXISTS or not row.needs_world]
    with tempfile.TemporaryDirectory() as directory:
        certificates = Certificates(directory)
        values = dict(authority=certificates.path("authority.pem"), certificates=directory)
        watch = server.listen("watch", do.polite)
        when, due = at(5)
        jobs = {"watch": job(f"http://127.0.0.1:{watch}/")}
        for row in rows:
            port = listen(server, row, certificates)
            jobs[row.job] = job(row.url.format(port=port), f"At={when}",
                                LIMITS + tuple(line.format(**values) for line in row.request))
        with Daemon(jobs) as daemon:
            daemon.start()
            time.sleep(max(0, due - time.time()) + 3)
            everything = collect(daemon, rows, 10)
            for row in rows:
                yield row.name, problem(row, everything.get(row.job, []))
            yield "on time beside all of these", lateness(server.seen(listener="watch"), due)
            daemon.stop(10)
    for row in ROWS:
        if row not in rows:
            yield row.name, Skip("needs a network namespace")


def collect(daemon, rows, seconds):
    """The executions by job, once each row has one or the time is up: what is missing then is the row's problem."""
    deadline = time.monotonic() + seconds
    while True:
        by_job = {}
        for record in daemon.executions():
            by_job.setdefault(record["job"], []).append(record)
        if all(row.job in by_job for row in rows) or time.monotonic() > deadline:
            return by_job
        time.sleep(0.2)


def lateness(requests, due):
    """The watch must have been called in each second from `due` to two seconds on, soon after it began."""
    for second in range(due - 1, due + 3):
        arrivals = [one.at - second for one in requests if second <= one.at < second + 1]
        if not arrivals:
            return f"no call in second {second - due:+d}"
        if min(arrivals) > 0.5:
            return f"the call of second {second - due:+d} came {min(arrivals):.3f} s late"
    return None
