"""How much is tried: a sample in CI, everything in the long form; and what really took place, counted."""

import collections
import concurrent.futures
import random
import threading

from suite import Skip

LONG = False

# The programs under test have threads of their own: more than two of them at once only wait for each other.
AT_ONCE = 2


def of(short, long):
    return long if LONG else short


def sample(points, short):
    """All of them in the long form, else so many: one at random out of each of as many stretches."""
    points = list(points)
    if LONG or len(points) <= short:
        return points
    step = len(points) / short
    return [points[int((number + random.random()) * step)] for number in range(short)]


def sometimes(number):
    """What is worth doing at every fourth point, and at every one in the long form."""
    return LONG or number % 4 == 0


def side_by_side(function, points, at_once=AT_ONCE):
    """Calls `function(point)` for each, a few at a time; gives (point, result or exception), in order. What must be
    skipped once must be each time."""
    def carry_out(point):
        try:
            return point, function(point)
        except Exception as problem:
            return point, problem
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        results = list(pool.map(carry_out, points))
    for _, result in results:
        if isinstance(result, Skip):
            raise result
    return results


class Tally:
    """Counts by name, from many threads."""

    def __init__(self):
        self._counts, self._lock = collections.Counter(), threading.Lock()

    def add(self, name, count=1):
        with self._lock:
            self._counts[name] += count

    def items(self):
        return self._counts.items()

    def __getitem__(self, name):
        return self._counts[name]

    def __str__(self):
        return ", ".join(f"{count} {name}" for name, count in self._counts.most_common())
