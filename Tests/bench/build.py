"""Builds what the measurements need: the release binaries and the C programs beside this file."""

import os
import shutil
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))

# Program → what it links.
PEERS = {"server": [], "peer-calls": ["-lcurl"], "peer-lateness": []}


class Failed(Exception):
    """The measurement cannot be made; the message says what to do."""


def release():
    """The release binaries as they are installed, static but for the C libraries; returns their directory."""
    if not shutil.which("swift"):
        raise Failed("no swift on the PATH: install the toolchain (https://swift.org/install) or give --bin DIR")
    command = ["swift", "build", "-c", "release", "--static-swift-stdlib"]
    for product in ("httpcrond", "httpcron", "HistoryDriver"):
        subprocess.run([*command, "--product", product], cwd=ROOT, check=True)
    shown = subprocess.run([*command, "--show-bin-path"], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return shown.stdout.strip()


def peers(directory):
    """Compiles the server and the peers into `directory`, those that are older than their source; returns it."""
    _curl_headers()
    for name, libraries in PEERS.items():
        source, program = os.path.join(HERE, f"{name}.c"), os.path.join(directory, name)
        if os.path.exists(program) and os.path.getmtime(program) >= os.path.getmtime(source):
            continue
        subprocess.run(["cc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", program, source, *libraries], check=True)
    return directory


def _curl_headers():
    include = subprocess.run(["cc", "-E", "-include", "curl/curl.h", "-x", "c", os.devnull],
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if include.returncode == 0:
        return
    install = ["apt-get", "install", "-y", "--no-install-recommends", "libcurl4-openssl-dev"]
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Failed(f"the peers need <curl/curl.h>: sudo {' '.join(install)}")
    subprocess.run(install, check=True, stdout=subprocess.DEVNULL)
