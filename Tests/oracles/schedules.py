"""Random expressions in random zones from random starts, against a brute-force calendar and against cronsim.

What both define alike is compared. cronsim is not asked, and the brute-force calendar and the tables of
Tests/CronCoreTests/Cron stand alone, where

* the expression follows elapsed time, and a zone change near the answers is not by whole hours at a whole hour, or its
  gap holds midnight: cronsim steps by whole hours and puts days together at 00:00, which such a change skips or moves;
* an offset near the answers has seconds (Liberia to 1972): it looks for the end of a gap minute by minute.

* a range of one value has a step (5-5/13): it reads 5/13, to the end of the field; for us, as for Debian's cron, the
  range ends where it says. Never generated.

Its answers that do not lie after the start (asked in the second pass of a fold it begins with the first) are dropped.
Never generated for it, because it refuses or reads them differently: names with L (FRIL), ranges up to SUN, steps longer
than their field (we refuse those), ranges that run backwards, six fields, macros.
"""

import calendar
import zoneinfo
from bisect import bisect_left, bisect_right
from datetime import date, datetime, timedelta, timezone

import zones

try:
    import cronsim
except ImportError:
    cronsim = None

MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()
WEEKDAYS = "SUN MON TUE WED THU FRI SAT".split()
COUNT = 4


class Field:
    """One field: its text and, made together with it and not read back from it, what it means."""

    def __init__(self, generator, low, high, names=None, first_named=0):
        self.generator = generator
        self.low, self.high = low, high
        self.names, self.first_named = names, first_named
        self.values = set()
        terms = [self.term(allow_star=index == 0) for index in range(generator.choice([1, 1, 1, 2, 3]))]
        self.text = ",".join(terms)

    def number(self, value):
        if self.names and self.generator.random() < 0.3:
            index = value - self.first_named
            if 0 <= index < len(self.names):
                name = self.names[index]
                return self.generator.choice([name, name.lower(), name.title()])
        return f"0{value}" if self.generator.random() < 0.1 and value < 10 else str(value)

    def term(self, allow_star):
        kind = self.generator.choice(["star", "star/", "value", "value", "range", "range/", "value/"])
        if kind.startswith("star") and not allow_star:
            kind = "value"
        step = self.generator.randint(1, self.high)
        if self.generator.random() < 0.7:
            step = min(step, 1 + step % 15)
        first = self.generator.randint(self.low, self.high)
        last = self.generator.randint(first, self.high)
        if first == last:
            kind = kind.replace("range/", "range")
        if kind == "star":
            self.values.update(range(self.low, self.high + 1))
            return "*"
        if kind == "star/":
            self.values.update(range(self.low, self.high + 1, step))
            return f"*/{step}"
        if kind == "value":
            self.values.add(first)
            return self.number(first)
        if kind == "value/":
            self.values.update(range(first, self.high + 1, step))
            return f"{self.number(first)}/{step}"
        if kind == "range":
            self.values.update(range(first, last + 1))
            return f"{self.number(first)}-{last}"
        self.values.update(range(first, last + 1, step))
        return f"{self.number(first)}-{last}/{step}"


class DayOfMonth(Field):
    def __init__(self, generator):
        super().__init__(generator, 1, 31)
        self.specials = set()
        if generator.random() < 0.2:
            special = generator.choice(["L", "LW"])
            self.specials.add(special)
            if generator.random() < 0.7:
                self.values = set()
                self.text = special
            else:
                self.text += "," + special

    def matches(self, day):
        length = calendar.monthrange(day.year, day.month)[1]
        if day.day in self.values or ("L" in self.specials and day.day == length):
            return True
        if "LW" not in self.specials:
            return False
        last = date(day.year, day.month, length)
        while last.weekday() >= 5:
            last -= timedelta(days=1)
        return day == last


class DayOfWeek(Field):
    def __init__(self, generator):
        super().__init__(generator, 0, 7, WEEKDAYS)
        self.nth, self.last = set(), set()
        if generator.random() < 0.25:
            weekday, week = generator.randint(0, 7), generator.randint(1, 5)
            if generator.random() < 0.5:
                self.nth.add((weekday % 7, week))
                special = f"{self.number(weekday)}#{week}"
            else:
                self.last.add(weekday % 7)
                special = f"{weekday}L"
            if generator.random() < 0.7:
                self.values = set()
                self.text = special
            else:
                self.text += "," + special
        self.values = {value % 7 for value in self.values}

    def matches(self, day):
        weekday = (day.weekday() + 1) % 7
        return (
            weekday in self.values
            or (weekday, (day.day - 1) // 7 + 1) in self.nth
            or (weekday in self.last and day.day + 7 > calendar.monthrange(day.year, day.month)[1])
        )


class Expression:
    def __init__(self, generator):
        self.minute = Field(generator, 0, 59)
        self.hour = Field(generator, 0, 23)
        self.day = DayOfMonth(generator)
        self.month = Field(generator, 1, 12, MONTHS, 1)
        self.weekday = DayOfWeek(generator)
        # Half the time something that people write: any day.
        if generator.random() < 0.5:
            self.day.text, self.day.values, self.day.specials = "*", set(range(1, 32)), set()
            if generator.random() < 0.5:
                self.weekday.text, self.weekday.values = "*", set(range(7))
                self.weekday.nth, self.weekday.last = set(), set()
        if generator.random() < 0.7:
            self.month.text, self.month.values = "*", set(range(1, 13))
        self.fields = [self.minute, self.hour, self.day, self.month, self.weekday]
        self.text = generator.choice([" ", " ", "\x20\x20"]).join(field.text for field in self.fields)
        self.elapsed = self.minute.text.startswith("*") or self.hour.text.startswith("*")
        self.day_and = self.day.text.startswith("*") or self.weekday.text.startswith("*")

    def matches_day(self, day):
        if day.month not in self.month.values:
            return False
        both = self.day.matches(day), self.weekday.matches(day)
        return all(both) if self.day_and else any(both)

    def moments_on(self, day, zone):
        """The occurrences that a calendar day gives, by the rule of the manual: minute by minute of its clock."""
        for hour in sorted(self.hour.values):
            for minute in sorted(self.minute.values):
                clock = int((datetime(day.year, day.month, day.day, hour, minute) - zones.EPOCH).total_seconds())
                kind, *moments = zones.local(zone, clock).split()
                moments = list(map(int, moments))
                if self.elapsed:
                    if kind != "gap":
                        yield from moments
                else:
                    yield moments[0]

    def brute_force(self, zone, start, days):
        """Up to COUNT occurrences after start, looking `days` days ahead; and up to which moment that is the truth."""
        today = datetime.fromtimestamp(start, zone).date()
        found = set()
        # A day before and one more after: a zone change can carry a moment across midnight, or leave out a day.
        for ahead in range(-2, days + 2):
            day = today + timedelta(days=ahead)
            if self.matches_day(day):
                found.update(moment for moment in self.moments_on(day, zone) if moment > start)
            if len(found) >= COUNT + 1500:
                break
        horizon = start + (ahead - 3) * 86400
        return [moment for moment in sorted(found) if moment <= horizon][:COUNT], horizon


def cronsim_occurrences(expression, zone, start):
    try:
        iterator = cronsim.CronSim(expression.text, datetime.fromtimestamp(start, zone))
    except cronsim.CronSimError:
        # A day that no month has.
        return []
    found = []
    for moment in iterator:
        moment = int(moment.timestamp())
        if moment > (found[-1] if found else start):
            found.append(moment)
        if len(found) == COUNT:
            break
    return found


def cronsim_defines(expression, zone, changes, moments):
    """Whether no zone change around the moments is of a kind that cronsim does not handle: see the top."""
    first = bisect_left(changes, min(moments) - 2 * 86400)
    last = bisect_right(changes, max(moments) + 2 * 86400)
    for change in changes[first:last]:
        before, after = zones.offset(zone, change - 1), zones.offset(zone, change)
        if before % 60 or after % 60:
            return False
        if expression.elapsed:
            if (after - before) % 3600 or (change + before) % 3600:
                return False
            if after > before and (change + after - 1) // 86400 != (change + before - 1) // 86400:
                return False
    return zones.offset(zone, moments[0]) % 60 == 0


def check(oracle, tally, generator, long):
    names = zones.names()
    listed = oracle.ask([("transitions", name, zones.FIRST, zones.LAST) for name in names])
    changes = {name: list(map(int, text.split())) for name, text in zip(names, listed)}

    cases = []
    for _ in range(100_000 if long else 20_000):
        name = generator.choice(names)
        start = generator.randrange(zones.FIRST + 3 * 86400, zones.LAST - 86400)
        if changes[name] and generator.random() < 0.6:
            # Near a change, and at the very seconds around it.
            near = generator.choice([-2, -1, 0, 1, generator.randrange(-2 * 86400, 86400)])
            start = generator.choice(changes[name]) + near
        cases.append((Expression(generator), name, start))
    answers = oracle.ask([("next", expression.text, name, start, COUNT) for expression, name, start in cases])

    undefined = never = 0
    latest, latest_expected = [], []
    for index, ((expression, name, start), answer) in enumerate(zip(cases, answers)):
        zone = zoneinfo.ZoneInfo(name)
        what = f"'{expression.text}' in {name} after {start}"
        if answer.startswith("error"):
            tally.check("parse", what, answer, "an expression")
            continue
        ours = list(map(int, answer.split()))
        never += not ours
        if cronsim:
            if cronsim_defines(expression, zone, changes[name], [start] + ours):
                tally.check("cronsim", what, ours, cronsim_occurrences(expression, zone, start))
            else:
                undefined += 1
        if index % (4 if long else 12) == 0:
            theirs, horizon = expression.brute_force(zone, start, 10)
            tally.check("brute force", what, [moment for moment in ours if moment <= horizon], theirs)
        if ours:
            # The last one up to a moment is the last of those that come before it, and one second less excludes it.
            latest.append(("latest", expression.text, name, start, ours[-1]))
            latest_expected.append((what, str(ours[-1])))
            latest.append(("latest", expression.text, name, start, ours[-1] - 1))
            latest_expected.append((what, str(ours[-2]) if len(ours) > 1 else "none"))
    for question, ours, (what, theirs) in zip(latest, oracle.ask(latest), latest_expected):
        tally.check("latest", f"{what} until {question[4]}", ours, theirs)
    print(f"{len(cases)} expressions, {never} of them never due, {undefined} that cronsim does not define")
    if not cronsim:
        tally.skip("cronsim: not installed", len(cases))
