"""The API of the installed service: the sockets that systemd keeps, who may what, and a reload that says no."""

import json

from service import URL, check, wait_for
from suite import test

service = None
SOCKET = "/run/httpcron/httpcron.sock"
ROOT = "http://localhost/api/v1/cron"


def curl(*arguments, user=None):
    as_user = ("runuser", "-u", user, "--") if user else ()
    return service.run(*as_user, "curl", "-s", "-w", " %{http_code}", "--max-time", "10", *arguments, check=False)


@test
def local():
    """root and the daemon's user change things by the Unix socket, the group httpcron reads, others are kept out"""
    service.start_clean()
    service.write("api", f"[Job]\nEvery=1d\n[Request]\nURL={URL}\n")
    service.ctl("reload", "httpcron")
    mode = service.run("stat", "-c", "%a %U:%G", SOCKET).strip()
    check(mode == "660 root:httpcron", mode)
    check("success" in service.run("httpcron", "run", "api"), "root cannot run it")
    shown = curl("--unix-socket", SOCKET, f"{ROOT}/jobs/api/executions", user="alice")
    check(shown.endswith(" 200") and json.loads(shown[:-4])["data"][0]["status"] == "success", shown)
    refused = curl("--unix-socket", SOCKET, "-X", "POST", f"{ROOT}/jobs/api/pause", user="alice")
    check(refused.endswith(" 403"), refused)
    said = service.machine.run("runuser", "-u", "alice", "--", "httpcron", "pause", "api", check=False)
    check(said.returncode == 1 and "sudo" in said.stderr, said.stdout + said.stderr)
    service.run("useradd", "bob", check=False)
    check(curl("--unix-socket", SOCKET, f"{ROOT}/jobs", user="bob").endswith(" 000"), "bob gets in")
    check("api is paused" in service.run("runuser", "-u", "httpcron", "--", "httpcron", "pause", "api", "--reason", "x"), "no")
    service.run("journalctl", "--sync")
    lines = [line for line in service.journal() if "paused by" in line["MESSAGE"]]
    check(lines and lines[-1]["HTTPCRON_BY"].startswith("uid ") and lines[-1]["HTTPCRON_JOB"] == "api", lines)
    service.ctl("restart", "httpcron")
    check("api since" in service.run("httpcron", "status"), "the pause did not survive")
    service.run("httpcron", "resume", "--all")


@test
def reload():
    """systemctl reload waits, and fails while a job file is refused"""
    service.write("typo", "[Job]\nEvery=1h\n[Request]\nURI=http://127.0.0.1/\n")
    check(service.machine.run("systemctl", "reload", "httpcron", check=False).returncode != 0, "it did not fail")
    check(service.show("ActiveState") == "active", service.show("ActiveState"))
    service.run("rm", "/etc/httpcron/jobs.d/typo.job")
    service.ctl("reload", "httpcron")


@test
def remote():
    """httpcron-api.socket is off until it is enabled; then a token of LoadCredential= or a file is demanded"""
    check(curl("http://127.0.0.1:9642/healthz").endswith(" 000"), "TCP is open without having been asked for")
    service.machine.write("/root/api-tokens", "reader-token-0123456789 cron:read\n", 0o600)
    service.machine.write("/etc/systemd/system/httpcron.service.d/tokens.conf",
                          "[Service]\nLoadCredential=api-tokens:/root/api-tokens\n")
    service.ctl("daemon-reload")
    # As httpcrond(8) has it, with the service running.
    service.ctl("enable", "httpcron-api.socket")
    service.ctl("stop", "httpcron*")
    service.ctl("start", "httpcron.socket", "httpcron-api.socket", "httpcron")
    url = "http://127.0.0.1:9642/api/v1/cron/jobs/api/executions?limit=5"
    check(curl(url).endswith(" 401"), "no token is demanded")
    shown = curl(url, "-H", "Authorization: Bearer reader-token-0123456789")
    check(shown.endswith(" 200") and '"attempt":1' in shown, shown)
    service.ctl("disable", "--now", "httpcron-api.socket")
    service.start_clean()


@test
def activation():
    """a question to a stopped service starts it: the socket is systemd's"""
    service.ctl("stop", "httpcron")
    check('"status":"ok"' in curl("--unix-socket", SOCKET, "http://localhost/healthz"), "no answer")
    wait_for(lambda: service.show("ActiveState") == "active", 10, "the service")
