"""A disk that fails, at each I/O call, once or for a while: what was acknowledged stays, and when the disk is back, all
is as if nothing had been."""

import errno
import re

import scale
from daemon import check
from driver import History
from shim import Shim
from suite import test
from test_points import OPTIONS, STEPS, calls

FAULTS = {name: getattr(errno, name) for name in ("EIO", "ENOSPC", "EDQUOT", "EROFS", "EMFILE", "EINTR")}
RAW = re.compile(r"/[0-9a-f]{16}\.seg$")
# Once; twice, so that what is tried at once fails too, or two threads at the same time; and for longer.
LASTING = scale.of((1, 2), (1, 2, 5))


def fault(name, times):
    """What a rule of the shim says of it."""
    return f"short:{times}" if name == "short" else f"fail={FAULTS[name]}:{times}"


def suffer(point):
    """One life with this fault, and the next without; gives what was hit."""
    number, name, times = point
    with History(options=OPTIONS) as history:
        shim = Shim(history.directory, [f"{number}:{fault(name, times)}"], reads=True)
        code = history.write(*STEPS, shim=shim)
        fired = shim.fired
        shim.close()
        # It goes on, or says why not: an opening that cannot be, or a disk that refuses for too long.
        check(code in (0, 74, 75), f"ended with {code}: {history.complaints()}")
        check(code == 0 or history.complaints(), f"ended with {code} and said nothing")
        opened = "open " in history.said()
        check(code != 74 or not opened, "gave up after it had opened:", history.complaints())
        if name == "EINTR":
            # Nobody may notice.
            check(code == 0 and "found " not in history.said() and "not compacted" not in history.said(),
                  "an interrupted call was taken for a failed one:", history.said()[-300:], history.complaints())
        if code == 0 and any(call.kind == "fdatasync" and RAW.search(call.path) for call in fired) and name != "EINTR":
            check("found " in history.said(), "a failed sync was taken for a good one:", fired)
        # What a failed write left behind is no damage that anybody must hear of.
        history.verify(clean=False)
        if scale.sometimes(number):
            check(history.write("append=20") == 0, history.complaints())
            history.verify(clean=False)
        return fired, code


@test
def every_call():
    """a fault at every I/O call, a quarter of them in the short form: recovered, and nothing lost"""
    points = [(number, name, times) for number in range(1, int(calls() * 1.5)) for name in (*FAULTS, "short")
              for times in LASTING]
    chosen = scale.sample(points, len(points) // 4)
    tally, problems, refused, missed = scale.Tally(), [], 0, 0
    for point, result in scale.side_by_side(suffer, chosen, at_once=32):
        if isinstance(result, Exception):
            problems.append(f"{point}: {result}")
            continue
        fired, code = result
        tally.add(point[1], len(fired))
        missed += not fired
        refused += code == 74
    yield f"{len(chosen)} lives; failed: {tally}; {refused} did not open, {missed} had fewer calls", "\n".join(problems[:5]) or None
    silent = [name for name in (*FAULTS, "short") if not tally[name]]
    yield "control: each kind of fault took place", f"none of {silent}" if silent else None
