"""The shim (shim.c): compiled once, put under a program, and asked what it did."""

import dataclasses
import os
import pathlib
import subprocess
import tempfile
import threading

from daemon import Failed

HERE = pathlib.Path(__file__).resolve().parent


_home = None
_making = threading.Lock()


def clean():
    if _home is not None:
        _home.cleanup()


def library():
    """Compiled at its first use."""
    global _home
    with _making:
        if _home is None:
            home = tempfile.TemporaryDirectory(prefix="crash-shim-")
            subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", f"{home.name}/shim.so",
                            str(HERE / "shim.c"), "-ldl"], check=True)
            _home = home
    return f"{_home.name}/shim.so"


@dataclasses.dataclass
class Call:
    """What the shim said: it had counted so many calls, and this one was met with that."""
    number: int
    what: str
    kind: str
    path: str

    @property
    def place(self):
        """The kind of call and of file: what a point is, wherever it is in the count."""
        name = pathlib.Path(self.path).name
        stem = "directory" if "." not in name and name != "spare" else "spare" if name == "spare" else name.split(".", 1)[1]
        if "-" in name:
            stem = "cover." + stem
        return f"{self.kind} {stem}"


class Shim:
    """One program's. Use `environment` and `descriptors` to start it; afterwards `fired` and `trace`."""

    def __init__(self, under, rules=(), trace=False, reads=False):
        self._file = tempfile.TemporaryFile(prefix="crash-report-")
        words = [f"under={under}", f"report={self._file.fileno()}"]
        words += ["trace"] * trace + ["reads"] * reads + list(rules)
        self.environment = {"LD_PRELOAD": library(), "CRASH_SHIM": " ".join(words)}
        self.descriptors = (self._file.fileno(),)

    def _calls(self):
        size = os.fstat(self._file.fileno()).st_size
        text = os.pread(self._file.fileno(), size, 0).decode(errors="replace")
        for line in text.splitlines():
            number, what, kind, path = line.split(" ", 3)
            yield Call(int(number), what, kind, path)

    @property
    def trace(self):
        """Every call."""
        return [call for call in self._calls() if call.what == "call"]

    @property
    def fired(self):
        """The calls at which a rule acted."""
        return [call for call in self._calls() if call.what != "call"]

    def close(self):
        self._file.close()


def check_fired(shim):
    if not shim.fired:
        raise Failed("no rule acted: what was to be tested did not take place")
