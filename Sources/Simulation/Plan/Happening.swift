internal import CronCore

/// One thing that happens in a world besides the passing of time. A plan is a list of them, made before the world
/// begins, so that any of them can be left out and the rest stays as it was.
struct Happening: Sendable {
    enum Kind: Sendable {
        /// The process dies under the operation of the disk that comes so many from now; and again so many operations
        /// into the recovery, if there is a second one.
        case death(Death, after: Int, again: (death: Death, after: Int)?, downFor: TimeSpan)
        /// An orderly stop, with so much patience for what is in flight.
        case stop(patience: TimeSpan, downFor: TimeSpan)
        case disk(DiskMood, lasting: TimeSpan)
        case trouble(DiskTrouble)
        /// A bit of a file turns over.
        case flip(luck: UInt64)
        /// The disk takes its time.
        case lag(lasting: TimeSpan)
        case step(TimeSpan)
        case suspend(TimeSpan)
        case server(host: String, ServerTrouble, lasting: TimeSpan)
        case reload(job: String, version: UInt64)
        case remove(job: String)
        case inError(job: String)
        /// Somebody reads everything, before the operation of the disk that comes so many from now.
        case read(after: Int)
        /// Somebody opens the history, and reads it later.
        case readSlowly(after: TimeSpan)
        case compact
        /// Somebody asks the daemon for something.
        case run(job: String)
        /// `until`: it ends by itself so long from then; nil: it does not.
        case pause(job: String, until: TimeSpan?)
        case resume(job: String)
    }

    /// Its place in the plan, by which it is named.
    let number: Int
    /// Since the world began, by the boot clock.
    let at: TimeSpan
    let kind: Kind

    /// Whether it is trouble, and not just life.
    var isFault: Bool {
        switch kind {
        case .stop, .reload, .remove, .inError, .read, .readSlowly, .compact, .run, .pause, .resume: false
        default: true
        }
    }

    /// What it is counted as.
    var name: String {
        switch kind {
        case .death(let death, _, nil, _): death.rawValue
        case .death(let death, _, .some, _): "\(death.rawValue), and again in the recovery"
        case .stop: "stop"
        case .disk(.full(122), _): "quota used up"
        case .disk(.full, _): "full disk"
        case .disk(.readOnly, _): "read-only disk"
        case .disk(.well, _): "healthy disk"
        case .trouble(let trouble):
            switch trouble.kind {
            case .short: "short write"
            case .error: "failed \(trouble.operation.rawValue)"
            }
        case .flip: "bit flip"
        case .lag: "slow disk"
        case .step(let span): span > .zero ? "clock set forward" : "clock set back"
        case .suspend: "suspend"
        case .server(_, let trouble, _): "server \(trouble.rawValue)"
        case .reload: "job changed"
        case .remove: "job removed"
        case .inError: "job file in error"
        case .read: "reader"
        case .readSlowly: "slow reader"
        case .compact: "compaction"
        case .run: "run by hand"
        case .pause(_, nil): "pause"
        case .pause(_, .some): "pause with an end"
        case .resume: "resumption"
        }
    }

    /// For the story of a failing run.
    var words: String {
        switch kind {
        case .death(let death, let after, let again, let down):
            let more = again.map { ", and \($0.death.rawValue) \($0.after) operations into the recovery" } ?? ""
            return "\(death.rawValue) under the disk operation \(after) from now; back after \(down)\(more)"
        case .stop(let patience, let down): return "stop, with \(patience) of patience; back after \(down)"
        case .disk(_, let span): return "\(name) for \(span)"
        case .trouble(let trouble): return "\(name), \(trouble.count)×"
        case .flip, .compact: return name
        case .lag(let span): return "\(name) for \(span)"
        case .step(let span): return "\(name) by \(span)"
        case .suspend(let span): return "\(name) for \(span)"
        case .server(let host, _, let span): return "\(host): \(name) for \(span)"
        case .reload(let job, let version): return "\(job) changes to version \(version)"
        case .remove(let job): return "\(job) is removed"
        case .inError(let job): return "the file of \(job) is in error"
        case .read(let after): return "somebody reads everything at the disk operation \(after) from now"
        case .run(let job): return "somebody wants a run of \(job)"
        case .pause(let job, let until): return "\(job) is paused\(until.map { " for \($0)" } ?? "")"
        case .resume(let job): return "\(job) is resumed"
        case .readSlowly(let span): return "somebody opens the history and reads it \(span) later"
        }
    }
}
