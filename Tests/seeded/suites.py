"""The suites that must notice a planted bug, the quickest first."""

import dataclasses
import re

# What the copy is built of.
TARGETS = ["CLinux", "CChecksum", "CronCore", "Threads", "History", "HistoryTests", "CronCoreTests", "Simulation",
           "HistoryTorture"]


@dataclasses.dataclass(frozen=True)
class Suite:
    name: str
    builds: tuple
    command: list
    # The line of its output that says what was noticed.
    pattern: str

    def words(self, output):
        found = re.search(self.pattern, output)
        return " ".join(found.group(1).split())[:160] if found else None


def unit_tests(target):
    return Suite(f"{target}", ("swift build --build-tests",),
                 ["swift", "test", "--skip-build", "--filter", f"{target}\\."], r"Test (.*) recorded an issue")


def torture(name):
    return Suite(f"torture {name}", ("swift build -c release --product HistoryTorture",),
                 [".build/release/HistoryTorture", "--workers", "2", name], r"(?m)^(?:FAIL|  )\s*(.*)$")


SUITES = [
    Suite("simulation", ("swift build -c release --product Simulation",),
          [".build/release/Simulation", "--from", "1", "--seeds", "400", "--jobs", "2"], r"(?m)^VIOLATION[^:]*: (.*)$"),
    unit_tests("HistoryTests"),
    unit_tests("CronCoreTests"),
]

# Besides, in the long form.
LONG = [torture("flips"), torture("power")]
