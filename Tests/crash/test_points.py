"""The history's own threads killed at every I/O call of a life with rotation, an abandoned segment, compaction, seal
and close; and the recovery of that killed in turn."""

import functools

import scale
from daemon import Failed, check
from driver import SIGKILL, History
from shim import Shim
from suite import test

OPTIONS = ("--segment", 16384, "--body", 300, "--jobs", 4, "--keep", 8, "--abandons")
FIRST = ("append=70", "compact")
STEPS = (*FIRST, "append=50", "compact", "append=20", "seal", "append=9")
# An early sync fails once: its segment is abandoned, and what it held is written again.
ABANDON = "fdatasync#8:fail=5:1"


@functools.cache
def calls():
    """How many calls the scenario makes, at most."""
    with History(options=OPTIONS) as history:
        shim = Shim(history.directory, [ABANDON], trace=True)
        check(history.write(*STEPS, shim=shim) == 0, history.complaints())
        check([call.what for call in shim.fired] == ["fail"], "the sync did not fail:", shim.fired)
        history.verify()
        kinds = {call.kind for call in shim.trace}
        check(kinds >= {"open", "pwrite", "fdatasync", "fsync", "rename", "unlink", "ftruncate", "flock"},
              "the shim does not see all kinds of calls, but", kinds)
        return len(shim.trace) + 12


@functools.cache
def compacted():
    """What each of the compactions keeps of what is before it."""
    kept = []
    for steps in (FIRST, STEPS[:4]):
        with History(options=OPTIONS) as history:
            check(history.write(*steps) == 0, history.complaints())
            kept.append(tuple(history.verify(keeps=True)["seqs"]))
    # All of it, and with nothing thrown away these tests would be of no worth.
    check(0 < len(kept[0]) < 70 and 0 < len(kept[1]) < 120, "the compactions keep", [len(one) for one in kept])
    return kept


def check_atomic(verdict, said):
    """Either the history from before a compaction or the one from after it: never both, never neither."""
    begun = [int(line.split()[2]) for line in said.splitlines() if line.startswith("compact ")]
    seqs = verdict["seqs"]
    if not begun:
        return
    kept = compacted()
    first = set(range(1, 71))
    allowed = [sorted(first), list(kept[0])]
    if len(begun) > 1:
        rest = set(range(71, 121))
        allowed = [sorted(set(kept[0]) | rest), list(kept[1])]
    through = 120 if len(begun) > 1 else 70
    found = [seq for seq in seqs if seq <= through]
    check(found in allowed, f"compaction {len(begun)} left neither the old nor the new:", found, "of", allowed)


def kill(point):
    """One life that ends at this call; gives the call, or None where it had fewer."""
    number, how = point
    with History(options=OPTIONS) as history:
        shim = Shim(history.directory, [ABANDON, f"{number}:{how}"])
        code = history.write(*STEPS, shim=shim)
        died = [call for call in shim.fired if call.what == how]
        shim.close()
        check((code == SIGKILL) == bool(died), f"ended with {code}: {history.complaints()}")
        verdict = history.verify(keeps=True)
        check_atomic(verdict, history.said())
        if not died:
            check(history.said().endswith("closed\n"), "did not close:", history.said()[-200:])
            return None
        # Life goes on after it.
        if scale.sometimes(number):
            check(history.write("append=20") == 0, history.complaints())
            history.verify()
        return died[0]


@test
def every_call():
    """killed at every I/O call of a life, nothing acknowledged is lost, and a compaction is there whole or not at all"""
    points = range(1, calls() + 1)
    for how in ("before", "half", "after"):
        tally, problems = scale.Tally(), []
        for (number, _), result in scale.side_by_side(kill, [(number, how) for number in points]):
            if isinstance(result, Exception):
                problems.append(f"at call {number}: {result}")
            elif result is not None:
                tally.add(result.kind)
        yield f"{how} ({tally})", "\n".join(problems[:5]) or None
        if not problems and tally["pwrite"] < 20:
            yield f"{how}: control", f"only {tally}"


def kill_recovery(state):
    """Kills the recovery of one state at its every call, before and after; gives how often."""
    killed = scale.Tally()
    with History(options=OPTIONS) as origin, History(options=OPTIONS) as history:
        shim = Shim(origin.directory, [ABANDON, state])
        origin.write(*STEPS, shim=shim)
        shim.close()
        before = len(origin.said())
        for how in ("before", "half", "after"):
            for number in range(1, 200):
                origin.copy(history)
                shim = Shim(history.directory, [f"{number}:{how}"])
                code = history.write(shim=shim)
                shim.close()
                if "open " in history.said()[before:] or code != SIGKILL:
                    break
                killed.add(how)
                try:
                    check_atomic(history.verify(keeps=True), history.said())
                except Failed as problem:
                    raise Failed(f"after {state}, recovery killed {how} its call {number}: {problem}") from None
            else:
                raise Failed("the recovery does not end")
    return killed


@test
def recovery():
    """killed at every I/O call of the recovery, the next recovery loses nothing either"""
    states = [f"{number}:{how}" for number in range(2, calls()) for how in ("before", "half")]
    total, problems, tried = scale.Tally(), [], 0
    for state, result in scale.side_by_side(kill_recovery, scale.sample(states, 14)):
        if isinstance(result, Exception):
            problems.append(str(result))
            continue
        tried += 1
        for how in ("before", "half", "after"):
            total.add(how, result[how])
    yield f"{tried} states, {total}", "\n".join(problems[:5]) or None
    yield "control: recoveries do die", None if problems or total["before"] > tried else f"only {total}"
