"""Every transition of every zone, 1970 to 2050, against Python's zoneinfo reading the same files."""

import shutil
import subprocess
import zoneinfo
from datetime import datetime, timedelta, timezone

FIRST = 0
LAST = int(datetime(2051, 1, 1, tzinfo=timezone.utc).timestamp())
EPOCH = datetime(1970, 1, 1)


def compile_slim(directory, target):
    source = directory / "tzdata.zi"
    zic = shutil.which("zic", path="/usr/sbin:/usr/bin:/sbin:/bin")
    if not zic or not source.exists():
        return None
    done = subprocess.run([zic, "-b", "slim", "-d", str(target), str(source)], capture_output=True)
    return target if done.returncode == 0 else None


def names():
    return sorted(zoneinfo.available_timezones())


def content(name):
    for directory in zoneinfo.TZPATH:
        try:
            with open(f"{directory}/{name}", "rb") as file:
                return file.read()
        except OSError:
            continue
    raise FileNotFoundError(name)


def offset(zone, moment):
    return datetime.fromtimestamp(moment, zone).utcoffset() // timedelta(seconds=1)


def scan(zone, step):
    """Moments at which the offset changes, found by asking every `step` seconds and bisecting: no parser involved."""
    found = []
    low, low_offset = FIRST, offset(zone, FIRST)
    while low < LAST:
        high = low + step
        high_offset = offset(zone, high)
        if high_offset != low_offset:
            found.append(bisect(zone, low, high))
        low, low_offset = high, high_offset
    return [moment for moment in found if FIRST < moment <= LAST]


def bisect(zone, low, high):
    """The first moment in (low, high] with another offset than low's, if there is but one change between."""
    before = offset(zone, low)
    while high - low > 1:
        middle = (low + high) // 2
        if offset(zone, middle) == before:
            low = middle
        else:
            high = middle
    return high


def local(zone, clock):
    """What a local time stands for, in the words of ScheduleOracle, by the fold rules of PEP 495."""
    naive = EPOCH + timedelta(seconds=clock)
    first = naive.replace(tzinfo=zone, fold=0).timestamp()
    second = naive.replace(tzinfo=zone, fold=1).timestamp()
    if first == second:
        return f"unique {int(first)}"
    if first < second:
        return f"fold {int(first)} {int(second)}"
    # In a gap fold=0 reckons with the offset before the change, which gives the later of the two moments.
    return f"gap {bisect(zone, int(second) - 1, int(first))}"


def contradicts_itself(zone, moments):
    """Whether the last listed transition names another offset than the footer has from then on (America/Ojinaga as zic
    of 2022 writes it without the years to 2037). For that one second zoneinfo believes the list and, like glibc, we the
    footer: there is no right answer to compare."""
    return any(offset(zone, moment) != offset(zone, moment + 1) for moment in moments)


def check(oracle, tally, generator, label, long, sample=None):
    step = 8 * 3600 if long else 6 * 86400
    by_content = {}
    for name in names():
        by_content.setdefault(content(name), []).append(name)
    if sample and not long:
        by_content = dict(generator.sample(sorted(by_content.items()), sample))
    everything = [name for group in by_content.values() for name in group]
    listed = dict(zip(everything, oracle.ask([("transitions", name, FIRST, LAST) for name in everything])))

    questions, expected = [], []

    def expect(answer, *question):
        questions.append(question)
        expected.append(answer)

    for group in by_content.values():
        name, aliases = group[0], group[1:]
        zone = zoneinfo.ZoneInfo(name)
        ours = {int(moment) for moment in listed[name].split()}
        if contradicts_itself(zone, ours):
            print(f"{label}: {name} contradicts itself, not compared")
            continue
        # What we list need not change the offset (a new abbreviation is a change too); what the scan finds must be there.
        for moment in scan(zone, step):
            tally.check(f"{label} transition listed", f"{name} {moment}", moment in ours, True)
        for alias in aliases:
            tally.check(f"{label} alias", alias, listed[alias], listed[name])
        for moment in sorted(ours):
            before, after = offset(zone, moment - 1), offset(zone, moment)
            for ask in (moment - 10800, moment - 1, moment, moment + 1, moment + 10800):
                expect(describe(zone, ask), "offset", name, ask)
            low, high = sorted((moment + before, moment + after))
            for clock in {low - 1, low, (low + high) // 2, high - 1, high, low - 10800, high + 10800}:
                expect(local(zone, clock), "local", name, clock)
        for _ in range(200 if long else 20):
            moment = generator.randrange(FIRST, LAST)
            expect(describe(zone, moment), "offset", name, moment)
            expect(local(zone, moment), "local", name, moment)

    for question, ours, theirs in zip(questions, oracle.ask(questions), expected):
        tally.check(f"{label} {question[0]}", " ".join(map(str, question[1:])), ours, theirs)
    print(f"{label}: {len(everything)} zones, {len(by_content)} different, {len(questions)} questions")


def describe(zone, moment):
    there = datetime.fromtimestamp(moment, zone)
    return f"{there.utcoffset() // timedelta(seconds=1)} {there.tzname()}"
