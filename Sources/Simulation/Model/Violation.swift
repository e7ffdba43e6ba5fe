/// A promise of the design, as far as a simulated life can break it.
enum Promise: String, Sendable {
    case acknowledged = "what was acknowledged survives"
    case written = "what the kernel was handed survives the process"
    case invented = "nothing is invented, and nothing is changed"
    case order = "seq rises, and nothing comes twice"
    case lost = "what a disk refuses is kept within UnsyncedLimit=, and what is not has a note"
    case occurrences = "a due occurrence gives exactly one run or one note"
    case runs = "the attempts of a run are numbered 1…n, one at a time, and end"
    case early = "nothing starts early"
    case overlap = "a job that does not allow it has no two runs in flight"
    case atMostOnce = "an at-most-once run is never repeated"
    case recordedFirst = "a request leaves only after its start is recorded"
    case wire = "what was on the wire is recorded"
    case announced = "what is logged as recorded is on the disk"
    case restored = "a start knows what the record says"
    case opening = "a history on a disk that works can be opened"
    case reading = "who reads beside the daemon sees a whole history"
    case damage = "damage costs what it hit, and is reported"
    case compaction = "a compaction keeps what the rules say, unchanged, and no more"
    case idle = "with faults off every run ends, and the engine goes idle"
    case paused = "nothing of a paused job begins, and each record says whether it is"
    case answered = "what is answered is true, and on the disk"
    case books = "the engine's books are right"
}

/// A promise that was broken, and how.
struct Violation: Sendable {
    var promise: Promise
    var words: String
}
