"""The API over a disk that hangs, refuses, or only takes its time: what is shown is on the disk."""

import concurrent.futures
import pathlib
import shutil
import subprocess

import behaviours as do
import test_disk
from api import ROOT, ApiDaemon
from daemon import check, job, wait_for
from hostile import Server
from suite import Skip, test


def shown(daemon, name):
    return daemon.get(f"{ROOT}/jobs/{name}/executions?limit=100").document["data"]


def counted(daemon, name):
    for line in daemon.get("/metrics").body.decode().splitlines():
        if line.startswith(f'httpcron_executions_total{{name="{name}",status="success"}} '):
            return int(line.rsplit(" ", 1)[1])
    return None


def hanging(daemon):
    """Puts a disk under the daemon that hangs while the file is there whose path this gives."""
    if not shutil.which("cc"):
        raise Skip("there is no C compiler")
    library, hold = daemon.root / "hold.so", daemon.root / "hold"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", str(library),
                    str(pathlib.Path(__file__).with_name("hold.c"))], check=True)
    daemon.environment |= {"LD_PRELOAD": str(library), "HOLD_SYNCS": str(hold)}
    return hold


@test
def unsynced():
    """what is written but not synced is not shown: no execution, no count, no line, no answer to who asked; health tells"""
    server = Server()
    url = f"http://127.0.0.1:{server.listen('polite', do.polite)}/"
    with ApiDaemon({"call": job(url, "OnDemand=yes")}) as daemon:
        hold = hanging(daemon)
        daemon.start()
        trigger = f"{ROOT}/jobs/call/trigger"
        daemon.post(trigger)
        wait_for(lambda: len(shown(daemon, "call")) == 1 and counted(daemon, "call") == 1, 10, "the first execution")
        line = wait_for(lambda: daemon.log_text().count("call: "), 5, "its line")
        before = daemon.get(f"{ROOT}/jobs/call").document
        hold.touch()
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            asked = pool.submit(daemon.post, trigger)
            try:
                wait_for(lambda: len(server.seen("call")) == 2, 10, "the call")
                # It has ended, and its record is in the file, where only a sync is wanting.
                wait_for(lambda: len(daemon.executions("call")) == 2, 10, "the record in the file")
                check(len(shown(daemon, "call")) == 1, "shown before it is on the disk", shown(daemon, "call"))
                check(counted(daemon, "call") == 1, "counted before it is on the disk")
                check(daemon.get(f"{ROOT}/jobs/call").document == before, "the job shows it")
                check(daemon.log_text().count("call: ") == line, "logged before it is on the disk", daemon.log_text())
                check(not asked.done(), "answered before it is on the disk")
                answer = wait_for(lambda: (one := daemon.ask("/healthz")).status == 503 and one, 25, "503")
                check("records wait for the disk" in answer.document["problems"][0], answer.body)
                check(len(shown(daemon, "call")) == 1, "shown after all")
                # From here on it is as if the disk refused: what was done is told, and that it is not recorded.
                wait_for(lambda: daemon.log_text().count("the disk hangs") == 1, 5, "the line of the disk")
                wait_for(lambda: daemon.log_text().count("call: ") == line + 2, 5, "who asked, and the line of the call")
                run = asked.result(5).document["data"]["run_id"]
                daemon.post(trigger)
                wait_for(lambda: len(server.seen("call")) == 3, 10, "a call while the disk hangs")
                check(len(shown(daemon, "call")) == 1, "shown after all")
            finally:
                hold.unlink()
            wait_for(lambda: daemon.log_text().count("the history is written again") == 1, 10, "the end of it")
        wait_for(lambda: len(shown(daemon, "call")) == 3 and counted(daemon, "call") == 3, 10, "what is on the disk now")
        check(daemon.executions("call")[1]["run_id"] == run, run)
        wait_for(lambda: daemon.ask("/healthz").status == 200, 10, "200 again")


@test
def full():
    """/healthz is 503 and names the history while the disk is full; reads and metrics go on, what waits is not shown"""
    server = Server()
    with ApiDaemon({}, test_disk.SMALL) as daemon, test_disk.disk(daemon, "16M") as state:
        test_disk.starve(daemon, server, state)
        problems = daemon.get("/healthz", 503).document["problems"]
        check(any("the history cannot be written" in one and "No space left on device" in one for one in problems), problems)
        daemon.get("/healthz", 503, local=False)
        recorded = {row["id"] for row in daemon.executions("load-7")}
        check({row["id"] for row in shown(daemon, "load-7")} <= recorded, "shown, and not in the record")
        text = daemon.get("/metrics").body.decode()
        unsynced = next(line for line in text.splitlines() if line.startswith("httpcron_unsynced_bytes "))
        check(int(unsynced.split()[1]) > 0, unsynced)
        (state / "filler").unlink()
        wait_for(lambda: daemon.ask("/healthz").status == 200, 15, "200 again")
        daemon.stop()
        test_disk.check_record(daemon, server)
