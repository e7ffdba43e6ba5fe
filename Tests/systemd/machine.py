"""A machine to install on: a real systemd, booted in namespaces of this host, and gone without a trace afterwards."""

import ctypes
import os
import pathlib
import pty
import signal
import subprocess
import tempfile
import threading
import time

from daemon import Failed

HERE = pathlib.Path(__file__).resolve().parent
CHECKOUT = HERE.parent.parent


class CannotBoot(Exception):
    """Why no machine can be had here."""


class CommandFailed(Failed):
    """A command inside the machine ended badly."""


def why_not():
    """Why no machine can be booted here, or None."""
    if os.geteuid() != 0:
        return "needs root"
    for program in ("unshare", "nsenter", "/lib/systemd/systemd"):
        if subprocess.run(["which", program], capture_output=True).returncode != 0:
            return f"needs {program}"
    probe = subprocess.run(
        ["unshare", "--pid", "--fork", "--mount", "--uts", "--ipc", "--net", "--cgroup", "--kill-child", "sh", "-c",
         "mount -t tmpfs tmpfs /mnt && mkdir /mnt/u /mnt/w /mnt/r"
         " && mount -t overlay -o lowerdir=/,upperdir=/mnt/u,workdir=/mnt/w overlay /mnt/r"
         " && mount -t cgroup2 cgroup2 /mnt/w/work"],
        capture_output=True, text=True)
    if probe.returncode != 0:
        return "no namespaces, overlays or cgroup2 here: " + probe.stderr.strip()
    return None


class Machine:
    """Boots on entering the `with` block, is powered off on leaving it, whatever happened in between."""

    def __init__(self, programs, checkout=CHECKOUT):
        """Inside, `checkout` is /mnt/checkout and the directory `programs` is /mnt/programs, neither to be written."""
        self.programs = pathlib.Path(programs).resolve()
        self.checkout = checkout
        self.console = []
        self.unshare = None
        self.pid = None
        self.directory = None
        self.cgroup = None

    def __enter__(self):
        reason = why_not()
        if reason:
            raise CannotBoot(reason)
        try:
            self._start()
            self._wait_for_boot()
        except BaseException:
            self.power_off()
            raise
        return self

    def __exit__(self, *_):
        self.power_off()

    # Starting

    def _start(self):
        self.directory = tempfile.mkdtemp(prefix="httpcron-machine-")
        master, slave = pty.openpty()
        threading.Thread(target=self._read_console, args=(master,), daemon=True).start()
        self.cgroup = Cgroup()
        self.unshare = subprocess.Popen(
            ["unshare", "--pid", "--fork", "--mount", "--uts", "--ipc", "--net", "--cgroup", "--kill-child",
             HERE / "boot", self.directory, os.ttyname(slave), self.checkout, self.programs],
            stdin=subprocess.DEVNULL, stdout=slave, stderr=slave, start_new_session=True, preexec_fn=self._before_exec)
        os.close(slave)
        deadline = time.monotonic() + 10
        while self.pid is None:
            children = pathlib.Path(f"/proc/{self.unshare.pid}/task/{self.unshare.pid}/children").read_text().split()
            self.pid = int(children[0]) if children else None
            self._check_alive(deadline, "unshare made no child")

    def _before_exec(self):
        """The machine moves to its cgroup, and dies with this process even where nobody is left to power it off."""
        self.cgroup.enter()
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG

    def _read_console(self, master):
        """Keeps the last of what the machine printed; ends when its last terminal is closed."""
        while True:
            try:
                data = os.read(master, 4096)
            except OSError:
                data = b""
            if not data:
                os.close(master)
                return
            self.console.append(data)
            del self.console[:-500]

    def console_text(self):
        return b"".join(self.console).decode(errors="replace")

    def _check_alive(self, deadline, what):
        if self.unshare.poll() is not None:
            raise CannotBoot(f"the machine died while booting:\n{self.console_text()}")
        if time.monotonic() > deadline:
            raise CannotBoot(f"{what}:\n{self.console_text()}")
        time.sleep(0.05)

    def _program(self):
        try:
            return os.readlink(f"/proc/{self.pid}/exe")
        except OSError:
            return ""

    def _wait_for_boot(self):
        deadline = time.monotonic() + 90
        while True:
            # systemd's own program: before it runs, boot is still building the root.
            if self._program().endswith("/systemd"):
                state = self.run("systemctl", "is-system-running", check=False).stdout.strip()
                if state in ("running", "degraded"):
                    return
            self._check_alive(deadline, "systemd did not come up within 90 s")

    # Living

    def _inside(self, arguments):
        return ["nsenter", "--target", str(self.pid), "--mount", "--pid", "--uts", "--ipc", "--cgroup", "--net",
                "--root", "env", "--chdir=/", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                "HOME=/root", "LANG=C.UTF-8", *map(str, arguments)]

    def run(self, *arguments, check=True, input=None, timeout=120):
        """Runs a command inside to its end; what it printed is in `stdout` and `stderr`."""
        done = subprocess.run(self._inside(arguments), capture_output=True, text=True, errors="replace", input=input,
                              stdin=subprocess.DEVNULL if input is None else None, timeout=timeout)
        if check and done.returncode != 0:
            raise CommandFailed(f"`{' '.join(map(str, arguments))}` ended with {done.returncode}: "
                                f"{done.stdout}{done.stderr}".strip())
        return done

    def spawn(self, *arguments, **options):
        """Starts a command inside that goes on; it dies with the machine at the latest."""
        return subprocess.Popen(self._inside(arguments), stdin=subprocess.DEVNULL, **options)

    def write(self, path, text, mode=0o644):
        self.run("sh", "-c", 'mkdir -p "$(dirname "$1")" && cat >"$1" && chmod "$2" "$1"', "sh", path, f"{mode:o}",
                 input=text)

    def read(self, path):
        return self.run("cat", path).stdout

    # Dying

    def power_off(self):
        """Pulls the plug: the first process of a pid namespace takes all others with it. Nothing of it is worth saving,
        the root is in memory."""
        if self.unshare is not None:
            if self.pid is not None:
                _kill(self.pid)
            _kill(self.unshare.pid)
            self.unshare.wait()
            self.unshare = None
        if self.cgroup is not None:
            self.cgroup.remove()
            self.cgroup = None
        if self.directory is not None:
            os.rmdir(self.directory)
            self.directory = None


def _kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


class Cgroup:
    """A cgroup for the machine alone: its systemd wants to be the only one in the root of its tree."""

    def __init__(self):
        self.path = None
        for line in pathlib.Path("/proc/self/mounts").read_text().splitlines():
            _, point, kind, *_ = line.split()
            if kind == "cgroup2":
                self.path = pathlib.Path(point) / f"httpcron-machine-{os.getpid()}-{time.monotonic_ns()}"
        if self.path is not None:
            try:
                self.path.mkdir()
            except OSError:
                self.path = None  # read-only, as in a container: the machine shares the one of this process

    def enter(self):
        if self.path is not None:
            (self.path / "cgroup.procs").write_text("0")

    def remove(self):
        """Waits for the dead to leave, then takes the tree away from its leaves."""
        deadline = time.monotonic() + 10
        while self.path is not None and self.path.exists() and time.monotonic() < deadline:
            for directory, _, _ in os.walk(self.path, topdown=False):
                try:
                    os.rmdir(directory)
                except OSError:
                    time.sleep(0.02)
