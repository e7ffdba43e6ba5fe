"""A small runner: tests side by side, one line each, a count at the end."""

import concurrent.futures
import inspect
import threading
import time
import traceback

from daemon import Failed

_tests = []
_printing = threading.Lock()


class Skip(Exception):
    """This cannot be checked here, and why."""


def test(function):
    """Registers a test; the first line of its docstring is its name. One that is a generator is a table: it yields a
    row's name and what is wrong with it, or None, or a Skip."""
    _tests.append(function)
    return function


def _name(function):
    return " ".join(inspect.getdoc(function).split("\n\n")[0].split())


def _carry_out(function):
    """Gives (name, problem) for each row."""
    name, began, rows = _name(function), time.monotonic(), []
    try:
        if inspect.isgeneratorfunction(function):
            for row, problem in function():
                rows.append((f"{name}: {row}", problem))
        else:
            function()
            rows.append((name, None))
    except (Failed, Skip) as problem:
        rows.append((name, problem))
    except Exception:
        rows.append((name, traceback.format_exc()))
    with _printing:
        for row, problem in rows:
            if problem is None:
                print(f"ok    {row}")
            elif isinstance(problem, Skip):
                print(f"SKIP  {row}: {problem}")
            else:
                print(f"FAIL  {row}\n      " + str(problem).replace("\n", "\n      "))
        print(f"      ({time.monotonic() - began:.1f} s)", flush=True)
    return rows


def count():
    return len(_tests)


def run(only="", side_by_side=6, first=None):
    """Runs `first`, without which nothing else is worth a try, and the tests whose names, or files' names, contain
    `only`; true if none failed."""
    rows = _carry_out(first) if first else []
    chosen = [one for one in _tests if one is not first
              and only.lower() in f"{one.__module__} {_name(one)} {one.__name__}".lower()]
    if not any(problem for _, problem in rows):
        with concurrent.futures.ThreadPoolExecutor(side_by_side) as pool:
            rows += [row for some in pool.map(_carry_out, chosen) for row in some]
    skipped = sum(isinstance(problem, Skip) for _, problem in rows)
    failed = sum(problem is not None for _, problem in rows) - skipped
    print(f"{len(rows) - failed - skipped} passed, {failed} failed, {skipped} skipped")
    return failed == 0
