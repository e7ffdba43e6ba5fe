"""Compares ScheduleOracle with Python: see run. Everything random comes from the seed, which is printed first."""

import argparse
import random
import subprocess
import sys
import zoneinfo
from pathlib import Path

import schedules
import zones


class Oracle:
    """Our side: questions in bulk, answers in the same order."""

    def __init__(self, program, zone_directory):
        self.program = program
        self.environment = {"TZDIR": str(zone_directory)}

    def ask(self, questions):
        text = "".join("\t".join(map(str, question)) + "\n" for question in questions)
        done = subprocess.run(
            [self.program], input=text, capture_output=True, text=True, env=self.environment, check=True
        )
        answers = done.stdout.split("\n")[:-1]
        assert len(answers) == len(questions), f"{len(questions)} questions, {len(answers)} answers"
        return answers


class Tally:
    """Counts, and shows the first few failures of each kind."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.shown = {}

    def check(self, kind, what, ours, theirs):
        if ours == theirs:
            self.passed += 1
            return
        self.failed += 1
        self.shown[kind] = self.shown.get(kind, 0) + 1
        if self.shown[kind] <= 10:
            print(f"FAILED {kind}: {what}\n    ours   {ours}\n    theirs {theirs}")

    def skip(self, why, count=1):
        self.skipped += count
        print(f"SKIPPED {why}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--oracle", required=True)
    parser.add_argument("--work", required=True, type=Path)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    options = parser.parse_args()
    print(f"seed {options.seed}")
    tally = Tally()

    directory = Path("/usr/share/zoneinfo")
    if (directory / "Europe/Berlin").exists():
        zoneinfo.reset_tzpath([str(directory)])
        oracle = Oracle(options.oracle, directory)
        zones.check(oracle, tally, random.Random(options.seed), "installed", options.long)
        schedules.check(oracle, tally, random.Random(options.seed + 1), options.long)
    else:
        tally.skip("zones and schedules: there is no /usr/share/zoneinfo (apt-get install tzdata)")
    slim = zones.compile_slim(directory, options.work / "slim")
    if slim:
        # The installed files list transitions up to 2037; these leave all that a footer can say to the footer.
        zoneinfo.reset_tzpath([str(slim)])
        zoneinfo.ZoneInfo.clear_cache()
        zones.check(Oracle(options.oracle, slim), tally, random.Random(options.seed + 2), "slim", options.long, 80)
    else:
        tally.skip("slim zone files: no zic, or no tzdata.zi")

    print(f"{tally.passed} passed, {tally.failed} failed, {tally.skipped} skipped")
    sys.exit(1 if tally.failed else 0)


if __name__ == "__main__":
    main()
