// Drives the real history, with its real threads, on a real directory, so that Tests/crash can kill it, cut its power
// and let its disk fail; and fills one for Tests/bench. Says on standard output what it did, when it was done:
//
//     write DIR --run N [--segment BYTES] [--body BYTES] [--jobs N] [--keep N] [--window N] [--rounds N] STEP…
//         STEP: append=COUNT, seal, compact, beside=COUNT (appended while it compacts), rest=MILLISECONDS; at the end
//         it closes the history.
//     check DIR LOG [--body BYTES] [--jobs N] [--keep N] [--keeps] [--abandons]
//         LOG: what the runs of `write` said, one after the other. Prints one JSON object, with `--keeps` the seq of
//         each record too; exit code 1: not as it should be. `--abandons`: a segment was abandoned on the way, and
//         what was never acknowledged may come and go.
//     fill DIR --jobs N --executions N [--body BYTES] [--segment BYTES] [--every SECONDS]

import Glibc

exit(HistoryDriver.run(Array(CommandLine.arguments.dropFirst())))
