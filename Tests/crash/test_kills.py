"""kill -9 under load, again and again on the same history, judged by the server's own log."""

import random
import threading
import time

import scale
from load import Bench
from suite import test

KILLS = (300, 10_000)
# As many on one state directory.
ROUND = 150


def kill_often(count):
    """One state directory, killed so often. Now and then what has gathered is judged, and compacted, offline or by a
    daemon that may be killed over it."""
    tally = scale.Tally()
    with Bench() as bench:
        for number in range(1, count + 1):
            if number % 10 == 5:
                bench.compact_at(1)
            elif number % 10 == 7:
                bench.compact_at(3600)
            bench.start()
            time.sleep(random.choice((0, 0.02, 0.1, 0.2, 0.3)))
            bench.daemon.kill()
            tally.add("kills")
            if number % 25 == 20:
                bench.compact()
                tally.add("compactions offline")
            if number % 50 == 0 or number == count:
                # The judge sees whole runs only once what was interrupted has been noted as such.
                bench.start()
                bench.daemon.stop()
                requests, acknowledged, rows = bench.judge()
        tally.add("requests", requests)
        tally.add("acknowledged", acknowledged)
        tally.add("executions", rows)
    return tally


@test
def kills():
    """kill -9 under load"""
    count = scale.of(*KILLS)
    rounds = [ROUND] * (count // ROUND) + ([count % ROUND] if count % ROUND else [])
    total, problems = scale.Tally(), []
    for _, result in scale.side_by_side(kill_often, rounds):
        if isinstance(result, Exception):
            problems.append(str(result))
            continue
        for name in ("kills", "compactions offline", "requests", "acknowledged", "executions"):
            total.add(name, result[name])
    yield f"nothing lost, nothing unrecorded, nothing twice ({total})", "\n".join(problems[:3]) or None
    weak = total["acknowledged"] < count or total["requests"] < 5 * count
    yield "control: there was load", f"only {total}" if weak and not problems else None
