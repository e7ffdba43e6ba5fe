"""The driver of the real history (Tests/HistoryDriver): runs of it on one directory, what they said, and a check."""

import itertools
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

import daemon
from daemon import Failed, check

SIGKILL = -9


class History:
    """A directory, and all that the runs on it said."""

    def __init__(self, root=None, options=()):
        self._temporary = None if root else tempfile.TemporaryDirectory(prefix="crash-history-")
        self.root = pathlib.Path(root or self._temporary.name)
        self.directory, self.log = self.root / "history", self.root / "log"
        self.options = [str(word) for word in options]
        self._numbers = itertools.count(1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._temporary:
            self._temporary.cleanup()

    def copy(self, other):
        """Makes the same of another one: files, words, and the number of the next run."""
        shutil.rmtree(other.directory, ignore_errors=True)
        if self.directory.exists():
            shutil.copytree(self.directory, other.directory, copy_function=_copy_sparse)
        shutil.copy(self.log, other.log)
        number = self.said().count("open ") + 1
        other._numbers = itertools.count(number)

    def _command(self, verb, *words):
        return [str(daemon.PROGRAMS / "HistoryDriver"), verb, str(self.directory), *self.options, *map(str, words)]

    def start(self, *steps, shim=None, stdout=None):
        """A run of `write`, not waited for. What it says goes to the log, unless `stdout` takes it."""
        command = self._command("write", "--run", next(self._numbers), *steps)
        with self.log.open("ab") as log, (self.root / "stderr").open("ab") as errors:
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=stdout or log, stderr=errors,
                env=shim.environment if shim else {}, pass_fds=shim.descriptors if shim else ())

    def write(self, *steps, shim=None, seconds=60):
        """A run of `write` to its end; gives its exit code."""
        process = self.start(*steps, shim=shim)
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise Failed(f"the driver did not end within {seconds} s: {self.complaints()}\n{self.said()[-500:]}") from None

    def said(self):
        return self.log.read_text() if self.log.exists() else ""

    def complaints(self):
        file = self.root / "stderr"
        return file.read_text(errors="replace") if file.exists() else ""

    def verdict(self, keeps=False):
        """What `check` says."""
        self.log.touch()
        done = subprocess.run(self._command("check", self.log, *["--keeps"] * keeps), capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, env={}, timeout=120)
        check(done.returncode in (0, 1) and done.stdout, f"check ended with {done.returncode}: {done.stderr}")
        return json.loads(done.stdout)

    def verify(self, keeps=False, clean=True):
        """As it must be, or Failed. `clean`: nothing may be damaged either, since no bit of it was."""
        verdict = self.verdict(keeps)
        problems = verdict["problems"]
        if clean:
            problems = problems + [words for words in verdict["damage"] if not is_expected(words)]
        check(not problems, "\n".join(problems[:10]) + f"\n{self.said()[-300:]}{self.complaints()[-500:]}")
        return verdict


def is_expected(words):
    """What a kill may leave: half a batch at the end, kept aside, and no word of corruption."""
    return "torn" in words or "kept as it was found" in words or "removed to make room" in words


def _copy_sparse(source, target):
    shutil.copyfile(source, target)
    os.chmod(target, os.stat(source).st_mode)
