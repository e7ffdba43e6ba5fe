"""Where the tests take place: namespaces of our own for mounts, processes and the network, which take everything with
them when they end, whatever happens: mounts, loop devices, daemons. And a journal of our own that keeps its entries."""

import collections
import itertools
import os
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

INSIDE = "HTTPCRON_CRASH_GROUND"

# Whether there are namespaces; without them there is no journal, and nothing can be mounted.
EXISTS = False

# For servers: none that a client may be using at that moment.
PORTS = itertools.cycle(range(1024, 16000))

# The journal, once there is one.
JOURNAL = None
JOURNAL_SOCKET = pathlib.Path("/run/systemd/journal/socket")


def is_root():
    """Really, not only in a namespace of users."""
    return os.environ.get(INSIDE) == "root" or not os.environ.get(INSIDE) and os.geteuid() == 0


def enter():
    """Starts this program again, inside. Gives back only there, or where no namespaces are to be had."""
    if os.environ.get(INSIDE):
        return
    root = os.geteuid() == 0
    flags = ["--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    flags += [] if root else ["--user", "--map-root-user"]
    try:
        subprocess.run(["unshare", *flags, "ip", "link", "set", "lo", "up"], capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return
    os.environ[INSIDE] = "root" if root else "user"
    os.execvp("unshare", ["unshare", *flags, sys.executable, *sys.argv])


def build():
    global EXISTS, JOURNAL
    EXISTS = bool(os.environ.get(INSIDE))
    if not EXISTS:
        return
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    # Thousands of calls to one port, each on a connection of its own.
    pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").write_text("16000 65535")
    # What a kill leaves is the same on every file system, and here it is left fastest.
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run"], check=True)
    JOURNAL_SOCKET.parent.mkdir(parents=True)
    JOURNAL = Journal()
    tempfile.tempdir = "/run/crash"
    os.mkdir(tempfile.tempdir)


class Journal:
    """What systemd-journald would have got, in its native protocol, with the moment of its arrival."""

    def __init__(self):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._socket.bind(str(JOURNAL_SOCKET))
        self._entries, self._lock = collections.defaultdict(list), threading.Lock()
        self._waiting = {}
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while True:
            data, ancillary, _, _ = self._socket.recvmsg(1 << 17, 256)
            process = struct.unpack("iii", ancillary[0][2][:12])[0]
            with self._lock:
                if data.startswith(b"CATCH_UP="):
                    self._waiting.pop(int(data[9:])).set()
                    continue
                self._entries[process].append((time.monotonic(), data))

    def _catch_up(self):
        """Waits until everything that was sent before has been taken in."""
        caught_up = threading.Event()
        with self._lock:
            self._waiting[id(caught_up)] = caught_up
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(f"CATCH_UP={id(caught_up)}\n".encode(), str(JOURNAL_SOCKET))
        caught_up.wait(10)

    def entries(self, processes, before=None):
        """What these processes had said by then, each oldest first."""
        self._catch_up()
        with self._lock:
            raw = [entry for process in processes for entry in self._entries.get(process, ())]
        return [parse_entry(data) for at, data in raw if before is None or at < before]

    def forget(self, processes):
        with self._lock:
            for process in processes:
                self._entries.pop(process, None)


def parse_entry(data):
    entry = {}
    while data:
        line, _, rest = data.partition(b"\n")
        if b"=" in line:
            name, value = line.split(b"=", 1)
        else:
            length = struct.unpack("<Q", rest[:8])[0]
            name, value, rest = line, rest[8:8 + length], rest[8 + length + 1:]
        entry[name.decode()] = value.decode(errors="replace")
        data = rest
    return entry
