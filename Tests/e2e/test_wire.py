"""What is on the wire, what must never be there twice, and what must never be anywhere else."""

import base64
import json
import os
import pathlib
import re
import time

import behaviours as do
from daemon import Daemon, at, check, job, wait_for
from hostile import Server
from suite import test

CANARY = "canary-7f3a91-is-a-secret"


def one_call(text, server, name="call", settings="", environment=None, prepare=None):
    """Runs one job file once; gives the request and the record."""
    with Daemon({name: text}, settings, environment) as daemon:
        if prepare:
            prepare(daemon)
        daemon.start()
        rows = daemon.await_executions(name, 1)
        daemon.stop()
        requests = server.seen(name)
        check(len(requests) == 1, f"{len(requests)} requests; {rows}")
        return requests[0], rows[0]


@test
def headers():
    """each request carries its identity, and nothing that was not asked for"""
    server = Server()
    when, _ = at(2)
    request, record = one_call(job(f"http://127.0.0.1:{server.listen('polite', do.polite)}/a?b=c", f"At={when}"), server)
    check((request.method, request.target) == ("GET", "/a?b=c"), request)
    check(re.fullmatch(r"httpcron/\d+\.\d+\S*", request.header("User-Agent")), request.headers)
    check(request.header("Idempotency-Key") == record["run_id"], request.headers)
    check(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", record["run_id"]), record)
    check(request.header("X-Httpcron-Job") == "call" and request.header("X-Httpcron-Attempt") == "1", request.headers)
    check(request.header("X-Httpcron-Scheduled-At").startswith(when[:-1]), request.headers)
    for name in ("Accept-Encoding", "Expect", "Authorization", "Cookie", "traceparent"):
        check(request.header(name) is None, f"{name} was sent:", request.headers)


@test
def posting():
    """a body makes a POST, with the Content-Type that fits; headers are added, replaced and removed"""
    server = Server()
    url = f"http://127.0.0.1:{server.listen('polite', do.polite)}/"
    when, _ = at(2)
    with Daemon({
        "json": job(url, f"At={when}", ('Body={"a":', "Body=1}")),
        "text": job(url, f"At={when}", ("Body=hello", "Header=User-Agent:", "Header=X-One: 1", "Header=X-Two: ü")),
        "put": job(url, f"At={when}", ("Method=PUT", "Body=x", "Header=Content-Type: text/csv", "TraceParent=yes")),
        "file": job(url, f"At={when}", ("BodyFile={file}",)),
    }) as daemon:
        (daemon.root / "body").write_bytes(b"\x00\xff bytes")
        daemon.write("file", job(url, f"At={when}", (f"BodyFile={daemon.root / 'body'}",)))
        daemon.start()
        for name in ("json", "text", "put", "file"):
            daemon.await_executions(name, 1)
        daemon.stop()
    seen = {one.job: one for one in server.seen()}
    check(seen["json"].method == "POST" and json.loads(seen["json"].body) == {"a": 1}, seen["json"])
    check(seen["json"].header("Content-Type") == "application/json", seen["json"])
    check(seen["text"].body == b"hello", seen["text"])
    check(seen["text"].header("Content-Type") == "text/plain; charset=utf-8", seen["text"])
    check(seen["text"].header("User-Agent") is None and seen["text"].header("X-One") == "1", seen["text"])
    check(seen["text"].header("X-Two").encode("latin-1").decode() == "ü", seen["text"])
    check(seen["put"].method == "PUT" and seen["put"].header("Content-Type") == "text/csv", seen["put"])
    check(re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]", seen["put"].header("traceparent") or ""), seen["put"])
    check(seen["file"].body == b"\x00\xff bytes" and seen["file"].method == "POST", seen["file"])


@test
def placeholders():
    """placeholders are filled in, and escaped for where they stand"""
    server = Server()
    when, _ = at(2)
    text = job(f"http://127.0.0.1:{server.listen('polite', do.polite)}/${{job}}?t=${{scheduled_at}}&c=${{credential:key}}",
               f"At={when}", ("Header=X-Run: ${run_id} ${attempt} $$5 $",
                              'Body={"key":"${credential:key}","at":"${scheduled_at}"}'))

    def prepare(daemon):
        (daemon.root / "credentials").mkdir()
        (daemon.root / "credentials/key").write_text('q"u&o\\te\n')
        (daemon.root / "credentials/key").chmod(0o600)
        daemon.environment["CREDENTIALS_DIRECTORY"] = str(daemon.root / "credentials")

    request, record = one_call(text, server, prepare=prepare)
    path, _, query = request.target.partition("?")
    check(path == "/call" and "c=q%22u%26o%5Cte" in query, request.target)
    check(re.search(r"t=\d{4}-\d\d-\d\dT\d\d(:|%3A)\d\d(:|%3A)\d\dZ", query), request.target)
    check(request.header("X-Run") == f"{record['run_id']} 1 $5 $", request.header("X-Run"))
    check(json.loads(request.body)["key"] == 'q"u&o\\te', request.body)


@test
def secrets():
    """a credential goes to the server and nowhere else"""
    server = Server()
    url = f"http://127.0.0.1:{server.listen('polite', do.polite)}/"
    when, _ = at(2)
    secret = "${credential:canary}"
    jobs = {
        "url": job(url + f"status/500?token={secret}", f"At={when}"),
        "header": job(url, f"At={when}", (f"Header=Authorization: Bearer {secret}",)),
        "body": job(url, f"At={when}", (f"Body={secret}",)),
        "basic": job(url, f"At={when}", ("User=me", f"Password={secret}")),
        "refused": job(f"http://127.0.0.1:{server.hold(False)}/{secret}", f"At={when}", (f"Header=X-Key: {secret}",)),
        "proxy": job("http://host.test/", f"At={when}", (f"Proxy=http://me:{secret}@127.0.0.1:{server.hold(False)}",)),
        # A control character, so that the request is refused where it is made up.
        "torn": job(url, f"At={when}", ("Header=X-Key: ${credential:torn}",)),
    }
    with Daemon(jobs, "LogLevel=debug\n") as daemon:
        directory = daemon.root / "credentials"
        directory.mkdir()
        for name, value in {"canary": CANARY + "\n", "torn": CANARY + "\r\nX-More: 1\n"}.items():
            (directory / name).write_text(value)
            (directory / name).chmod(0o600)
        daemon.environment["CREDENTIALS_DIRECTORY"] = str(directory)
        daemon.start()
        for name in jobs:
            daemon.await_executions(name, 1)
        process = pathlib.Path(f"/proc/{daemon.process.pid}")
        shown = process.joinpath("cmdline").read_text() + process.joinpath("environ").read_text()
        daemon.stop()
        # The control: where it belongs it did arrive.
        basic = base64.b64encode(f"me:{CANARY}".encode()).decode()
        check(CANARY in server.seen("header")[0].header("Authorization"), "the header was not sent")
        check(basic in server.seen("basic")[0].header("Authorization"), "the password was not sent")
        check(CANARY.encode() in server.seen("body")[0].body and CANARY in server.seen("url")[0].target, "not sent")
        check(not server.seen("torn"), "a header with a line break was sent")
        places = {"the log": daemon.log_text(), "the process": shown, "dump": daemon.tool("dump", "-n", "all"),
                  "jsonl": json.dumps(daemon.record()), "list": daemon.tool("list", allowed=(0, 1)),
                  "check": daemon.tool("check", allowed=(0, 1))}
        for path in daemon.state.rglob("*"):
            if path.is_file():
                places[str(path)] = path.read_bytes().decode("latin-1")
        for place, text in places.items():
            check(CANARY not in text and basic not in text, "the secret is in", place)


@test
def environment():
    """no proxy, key log or netrc is taken from the environment"""
    server, proxy = Server(), Server()
    when, _ = at(2)
    through = f"http://127.0.0.1:{proxy.listen('proxy', do.polite)}"
    text = job(f"http://127.0.0.1:{server.listen('polite', do.polite)}/", f"At={when}")
    names = ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY")
    with Daemon({"call": text}) as daemon:
        (daemon.root / ".netrc").write_text("machine 127.0.0.1 login me password it\n")
        log = daemon.root / "keys"
        daemon.environment.update({name: through for name in names}, SSLKEYLOGFILE=str(log), HOME=str(daemon.root))
        daemon.start()
        daemon.await_executions("call", 1)
        daemon.stop()
        check(len(server.seen()) == 1 and not proxy.seen(), "the call went through the proxy")
        check(server.seen()[0].header("Authorization") is None, "netrc was read")
        check(not log.exists(), "TLS keys were logged")


@test
def redirects():
    """a redirect to another origin loses Authorization, Cookie and every Header=; one to the same keeps them"""
    server = Server()
    here = server.listen("here", do.polite)
    there = server.listen("there", do.polite)
    when, _ = at(2)
    request = ("MaxRedirects=3", "Header=X-Key: s3cret", "Header=Cookie: s3cret", "User=me", "Password=s3cret")
    url = f"http://127.0.0.1:{here}/to/302/"
    with Daemon({
        "same": job(url + "/ok", f"At={when}", request),
        "other": job(url + f"http://127.0.0.1:{there}/ok", f"At={when}", request),
        "scheme": job(url + f"ftp://127.0.0.1:{there}/ok", f"At={when}", request),
        "file": job(url + "file:///etc/passwd", f"At={when}", request),
    }) as daemon:
        daemon.start()
        rows = {name: daemon.await_executions(name, 1)[0] for name in ("same", "other", "scheme", "file")}
        daemon.stop()
    same = server.seen("same", "here")
    check(len(same) == 2 and all(one.header("X-Key") and one.header("Authorization") for one in same), same)
    other = server.seen(listener="there")
    check(len(other) == 1 and rows["other"]["status"] == "success", other, rows["other"])
    for name in ("X-Key", "Cookie", "Authorization"):
        check(other[0].header(name) is None, f"{name} followed to another origin")
    check(rows["scheme"]["status"] == rows["file"]["status"] == "failed", rows)
    check("root:" not in str(rows["file"]["response_body"]), "a file was read")


@test
def posted_once():
    """a POST on a connection that dies is seen by the server exactly once, and so is what follows"""
    server = Server()
    dying = server.listen("dying", do.dying_on_reuse)
    idle = server.listen("idle", do.vanishing_while_idle)
    dead = server.listen("dead", do.sending())
    with Daemon({
        "dying": job(f"http://127.0.0.1:{dying}/", request=("Body=x",)),
        "idle": job(f"http://127.0.0.1:{idle}/", request=("Body=x",)),
        "dead": job(f"http://127.0.0.1:{dead}/", request=("Body=x",)),
        "once": job(f"http://127.0.0.1:{dying}/", more=("Delivery=at-most-once",)),
    }) as daemon:
        daemon.start()
        wait_for(lambda: len(server.seen("dying")) >= 5, 15, "five calls")
        daemon.stop()
        record = daemon.executions()
    for name in ("dying", "idle", "dead", "once"):
        requests = [(one.header("Idempotency-Key"), one.header("X-Httpcron-Attempt")) for one in server.seen(name)]
        check(len(requests) == len(set(requests)), f"{name}: a request was sent twice:", requests)
        check(len(requests) == sum(row["job"] == name for row in record), f"{name}: wire and record differ")
    check({row["status"] for row in record if row["job"] == "dying"} == {"success"}, "a dead connection was reused")
    check({row["error_code"] for row in record if row["job"] == "dead"} == {"connection_closed"}, record)


@test
def reuse():
    """GETs of a second share a connection that stays open"""
    server = Server()
    with Daemon({"call": job(f"http://127.0.0.1:{server.listen('polite', do.polite)}/")}) as daemon:
        daemon.start()
        wait_for(lambda: len(server.seen()) >= 4, 10, "four calls")
        daemon.stop()
    check(len({one.connection for one in server.seen()}) == 1, "a new connection for each call")


@test
def unix_socket():
    """UnixSocket= reaches a server without a port"""
    server = Server()
    when, _ = at(2)
    with Daemon({}) as daemon:
        path = daemon.root / "server.sock"
        server.listen("unix", do.polite, path=str(path))
        os.chmod(path, 0o666)
        daemon.write("call", job("http://localhost/here", f"At={when}", (f"UnixSocket={path}",)))
        daemon.start()
        rows = daemon.await_executions("call", 1)
        daemon.stop()
        check(rows[0]["status"] == "success" and server.seen()[0].target == "/here", rows)


@test
def krafters_document():
    """dump -o json of one job is the hosted service's document to the letter"""
    server = Server()
    when, _ = at(2)
    url = f"http://127.0.0.1:{server.listen('polite', do.polite)}/plan/x/500.200"
    with Daemon({"call": job(url, f"At={when}", retry=("BackoffDelay=1s",))}) as daemon:
        daemon.start()
        rows = daemon.await_executions("call", 2)
        daemon.stop()
        text = daemon.tool("dump", "call", "-o", "json")
    document = json.loads(text)
    check(list(document) == ["data"], list(document))
    fields = ["id", "status", "http_status", "response_body", "error", "attempt", "duration_ms", "started_at",
              "finished_at"]
    check(all(list(one) == fields for one in document["data"]), [list(one) for one in document["data"]])
    check([one["id"] for one in document["data"]] == [rows[1]["id"], rows[0]["id"]], "not newest first")
    newest, oldest = document["data"]
    check((newest["status"], newest["http_status"], newest["error"], newest["attempt"]) == ("success", 200, None, 2), text)
    check((oldest["status"], oldest["error"], oldest["response_body"]) == ("failed", "HTTP 500", '{"status":"bad"}'), text)
    for one in document["data"]:
        for name in ("started_at", "finished_at"):
            time.strptime(one[name], "%Y-%m-%dT%H:%M:%SZ")
