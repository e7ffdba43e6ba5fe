"""Installing, upgrading and removing; and what the unit allows the daemon to do."""

import json
import os
import textwrap

from service import check, wait_for
from suite import test

service = None  # set by the runner


@test
def install():
    """`install --now` leaves a service that is enabled, running, and says what it does"""
    said = service.install("--now")
    check("httpcron is running" in said, said)
    service.await_active()
    check(service.show("UnitFileState") == "enabled", "not enabled")
    check(service.show("NRestarts") == "0", "it had to be restarted")
    check(service.show("StatusText") != "", "no STATUS=")
    check(service.run("ps", "-o", "user=", "-p", service.show("MainPID")).strip() == "httpcron", "not its own user")
    modes = service.run("stat", "-c", "%a %U %G %n", "/etc/httpcron/jobs.d", "/etc/httpcron/credentials",
                        "/run/httpcron/credentials", "/var/lib/httpcron").split("\n")[:-1]
    check(modes == ["755 root root /etc/httpcron/jobs.d", "700 httpcron httpcron /etc/httpcron/credentials",
                    "700 httpcron httpcron /run/httpcron/credentials", "750 httpcron httpcron /var/lib/httpcron"], modes)
    check("example" in service.run("httpcron", "list"), "the example job is not listed")


@test
def exposure():
    """systemd finds the running service exposed at 1.5 at most"""
    score = service.run("systemd-analyze", "security", "--no-pager", "--threshold=15", "httpcron", check=False)
    check("httpcron.service: 1." in score or "httpcron.service: 0." in score, score[-300:])
    service.run("systemd-analyze", "security", "--no-pager", "--threshold=15", "httpcron")


@test
def upgrade():
    """installing again restarts nothing that did not change, and keeps what the administrator edited or removed"""
    pid = service.show("MainPID")
    service.install("--now")
    check(service.show("MainPID") == pid, "restarted for nothing")
    service.run("sh", "-c", "echo '# mine' >>/etc/httpcron/httpcron.conf; rm -f /etc/httpcron/jobs.d/example.job")
    service.run("sh", "-c", "echo '# older' >>/usr/lib/systemd/system/httpcron.service")
    service.install("--now")
    check(service.show("MainPID") != pid, "not restarted for a changed unit")
    check("# mine" in service.machine.read("/etc/httpcron/httpcron.conf"), "the settings were overwritten")
    service.run("test", "!", "-e", "/etc/httpcron/jobs.d/example.job")
    service.await_active()


# Runs in the sandbox of the unit in place of the daemon, and says what it could do.
PROBE = textwrap.dedent("""
    import ctypes, fcntl, json, mmap, os, socket, subprocess, sys
    done = {}
    def tries(name):
        def call(action):
            try:
                action()
                done[name] = "done"
            except BaseException as problem:
                done[name] = str(problem)
        return call
    state = "/var/lib/httpcron/probe"
    @tries("record")
    def _():
        os.makedirs(state, exist_ok=True)
        fd = os.open(state + "/a", os.O_RDWR | os.O_CREAT, 0o640)
        os.posix_fallocate(fd, 0, 65536)
        os.pwrite(fd, b"x", 0)
        os.fdatasync(fd)
        os.rename(state + "/a", state + "/b")
        directory = os.open(state, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(directory, fcntl.LOCK_EX)
        os.fsync(directory)
    @tries("connect")
    def _():
        socket.create_connection(("127.0.0.1", 8080)).close()
    @tries("resolve")
    def _():
        socket.getaddrinfo("localhost", 80)
    @tries("read settings")
    def _():
        open("/etc/httpcron/httpcron.conf").close()
        open("/usr/share/zoneinfo/Europe/Berlin").close()
    # Open to everybody as far as their modes go, so that only the sandbox is in the way.
    tries("write /etc")(lambda: open("/etc/probe", "w"))
    tries("write /usr")(lambda: open("/usr/probe", "w"))
    tries("read /home")(lambda: open("/home/probe"))
    tries("share /tmp")(lambda: open("/tmp/probe"))
    tries("see others")(lambda: os.stat("/proc/1"))
    tries("see the kernel")(lambda: open("/proc/version"))
    tries("run programs")(lambda: subprocess.run(["/bin/true"], check=True))
    tries("write and execute")(lambda: mmap.mmap(-1, 4096, prot=7))
    tries("netlink")(lambda: socket.socket(16, socket.SOCK_RAW, 0))
    tries("raw packets")(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))
    tries("kernel log")(lambda: open("/dev/kmsg", "w"))
    def suid():
        os.chmod(state, 0o6777)
    tries("set-user-id")(suid)
    libc = ctypes.CDLL(None, use_errno=True)
    def system(name, *arguments):
        def call():
            if getattr(libc, name)(*arguments) != 0:
                raise OSError(ctypes.get_errno(), name)
        return call
    tries("namespaces")(system("unshare", 0x10000000))
    tries("host name")(system("sethostname", b"x", 1))
    tries("realtime")(system("sched_setscheduler", 0, 1, ctypes.byref(ctypes.c_int(1))))
    print(json.dumps(done))
""")
ALLOWED = {"record", "connect", "resolve", "read settings"}


@test
def sandbox():
    """what the unit lets the daemon do, and what it does not"""
    python = os.path.realpath("/usr/bin/python3")
    service.machine.write("/usr/lib/httpcron-probe.py", PROBE)
    for place in ("/etc", "/usr", "/home", "/tmp"):
        service.machine.write(f"{place}/probe", "", 0o666)
    unit = service.machine.read("/usr/lib/systemd/system/httpcron.service")
    unit = unit.replace("ExecStart=/usr/sbin/httpcrond", f"ExecStart={python} -I /usr/lib/httpcron-probe.py")
    unit = unit.replace("ExecPaths=/usr", f"ExecPaths={python} /usr").replace("Type=notify", "Type=oneshot")
    unit = unit.replace("Restart=on-failure", "Restart=no").replace("\nNotifyAccess=main", "")
    service.machine.write("/etc/systemd/system/probe.service", unit)
    service.ctl("daemon-reload")
    service.ctl("start", "probe")
    service.run("journalctl", "--sync")
    lines = service.run("journalctl", "-u", "probe", "-o", "cat", "--no-pager").splitlines()
    done = json.loads(next(line for line in lines if line.startswith("{")))
    could = {name for name, outcome in done.items() if outcome == "done"}
    check(could == ALLOWED, "it could not", ALLOWED - could, "and it could", could - ALLOWED, done)


@test
def confined():
    """the daemon itself runs without privileges, behind a system call filter"""
    status = dict(line.split(":", 1) for line in
                  service.machine.read(f"/proc/{service.show('MainPID')}/status").splitlines())
    facts = {name: status[name].strip() for name in ("CapEff", "CapPrm", "CapBnd", "NoNewPrivs", "Seccomp", "Umask")}
    nothing = "0" * 16
    check(facts == {"CapEff": nothing, "CapPrm": nothing, "CapBnd": nothing, "NoNewPrivs": "1", "Seccomp": "2",
                    "Umask": "0027"}, facts)
    files = service.run("find", "/var/lib/httpcron/history", "-type", "f", "-printf", "%m %f\n")
    check(files and all(line.startswith("640 ") for line in files.splitlines()), files)


@test
def readers():
    """members of the group httpcron read the record; others are told why not"""
    service.run("useradd", "--create-home", "alice")
    outside = service.machine.run("runuser", "-u", "alice", "--", "httpcron", "dump", check=False)
    check(outside.returncode != 0 and "httpcron" in outside.stderr, outside.stdout + outside.stderr)
    service.run("usermod", "-aG", "httpcron", "alice")
    service.run("runuser", "-u", "alice", "--", "httpcron", "dump")


@test
def settings_in_error():
    """settings with a mistake stop a start with 78, once and for all, and the reason is in the status"""
    before = service.machine.read("/etc/httpcron/httpcron.conf")
    service.machine.write("/etc/httpcron/httpcron.conf", "[Daemon]\nMaxConcurrent=many\n")
    try:
        check(service.machine.run("systemctl", "restart", "httpcron", check=False).returncode != 0, "it started")
        check(service.show("ExecMainStatus") == "78", f"ended with {service.show('ExecMainStatus')}")
        check(service.show("NRestarts") == "0" and service.show("ActiveState") == "failed", "it is tried again")
        said = service.ctl("status", "--no-pager", "httpcron", check=False)
        check("httpcron.conf:2:" in said and "MaxConcurrent" in said, said)
    finally:
        service.machine.write("/etc/httpcron/httpcron.conf", before)
    service.start_clean()


@test
def watchdog():
    """a daemon that hangs is killed and started again"""
    check(service.show("WatchdogUSec") == "30s", service.show("WatchdogUSec"))
    # So long this test does not want to wait.
    service.machine.write("/etc/systemd/system/httpcron.service.d/soon.conf", "[Service]\nWatchdogSec=2\n")
    service.ctl("daemon-reload")
    service.ctl("restart", "httpcron")
    pid = service.show("MainPID")
    # The control: as long as it lives, it is left alone.
    wait_for(lambda: service.show("WatchdogTimestampMonotonic") != "0", 5, "the first sign of life")
    service.run("sleep", "3")
    check(service.show("MainPID") == pid, "killed without a reason")
    service.run("kill", "-STOP", pid)
    wait_for(lambda: service.show("MainPID") not in (pid, "0"), 15, "another daemon")
    service.await_active()
    service.start_clean()
