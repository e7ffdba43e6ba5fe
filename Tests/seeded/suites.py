"""The suites that must notice a planted bug, the quickest first."""

import dataclasses
import re

# What the copy is built of.
TARGETS = ["CLinux", "CChecksum", "CronCore", "Threads", "History", "HistoryTests", "CronCoreTests"]


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


SUITES = [unit_tests("HistoryTests"), unit_tests("CronCoreTests")]
