"""The machine and the build that a report was made on: a figure without them says nothing."""

import ctypes
import os
import platform
import subprocess
import tempfile
import time
from statistics import median

from build import ROOT


def facts(bench):
    """A few lines for the head of the report."""
    load = os.getloadavg()[0]
    lines = [
        f"{_processor()}, {os.cpu_count()} processors, Linux {platform.release()}",
        f"{_libcurl()}, commit {_commit()}, {bench.pairs} pairs, {time.strftime('%Y-%m-%d %H:%M:%SZ', time.gmtime())}",
        f"histories on {_file_system(bench.scratch)}, fdatasync of 4 KiB {_sync(bench.scratch) * 1e3:.2f} ms",
        f"load {load:.2f} before the start" + (": the machine is busy, the figures are worth less" if load > 0.5 else ""),
    ]
    return "\n".join(lines)


def _processor():
    with open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()


def _libcurl():
    library = ctypes.CDLL("libcurl.so.4")
    library.curl_version.restype = ctypes.c_char_p
    return library.curl_version().decode().split()[0]


def _commit():
    shown = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, stdout=subprocess.PIPE,
                           stderr=subprocess.DEVNULL, text=True)
    return shown.stdout.strip() or "unknown"


def _file_system(directory):
    shown = subprocess.run(["findmnt", "-no", "FSTYPE", "-T", directory], stdout=subprocess.PIPE, text=True)
    return shown.stdout.strip() or "unknown"


def _sync(directory):
    """Median of the time that appending 4 KiB and syncing it takes."""
    with tempfile.TemporaryFile(dir=directory) as file:
        spans = []
        for _ in range(50):
            start = time.perf_counter()
            os.write(file.fileno(), b"x" * 4096)
            os.fdatasync(file.fileno())
            spans.append(time.perf_counter() - start)
    return median(spans)
