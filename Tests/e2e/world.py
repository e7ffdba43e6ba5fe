"""A network of our own for the tests: loopback, a name server, and addresses that cannot be reached. All in namespaces
that die with this process; where there are none the tests run in the open, and those that need them are skipped."""

import os
import pathlib
import subprocess
import sys
import tempfile

from nameserver import NameServer

# Set for the process that runs inside.
INSIDE = "HTTPCRON_TEST_WORLD"

# Whether there is one; set by the runner.
EXISTS = False

# Without a default route, whatever is not named here is `network unreachable`.
NO_NETWORK = "192.0.2.1"
NO_HOST = "198.51.100.1"


def enter():
    """Starts this program again, inside. Gives back only there, or where no namespaces are to be had."""
    if os.environ.get(INSIDE):
        return
    flags = ["--net", "--mount"] + ([] if os.geteuid() == 0 else ["--user", "--map-root-user"])
    try:
        subprocess.run(["unshare", *flags, "ip", "link", "set", "lo", "up"], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return
    os.environ[INSIDE] = "1"
    os.execvp("unshare", ["unshare", *flags, sys.executable, *sys.argv])


def build():
    """Whether there is such a world."""
    if not os.environ.get(INSIDE):
        return False
    _run("ip", "link", "set", "lo", "up")
    _run("ip", "route", "add", "unreachable", NO_HOST + "/32")
    with tempfile.TemporaryDirectory() as directory:
        for target, text in {
            # One attempt of a second would end the wait for a silent server before the job's own timeout does.
            "/etc/resolv.conf": "nameserver 127.0.0.1\noptions timeout:5 attempts:2\n",
            "/etc/hosts": "127.0.0.1 localhost\n::1 localhost\n",
            "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
        }.items():
            source = pathlib.Path(directory) / pathlib.Path(target).name
            source.write_text(text)
            # Where the target is a link into /run, the file behind it is what is covered.
            _run("mount", "--bind", str(source), os.path.realpath(target))
    NameServer()
    return True


def _run(*command):
    subprocess.run(command, check=True)
