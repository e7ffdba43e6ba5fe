/// Why a history cannot be opened: what, where, and what to do.
package enum HistoryError: Error, Hashable, Sendable, CustomStringConvertible {
    case system(SystemError)
    /// Another daemon holds the lock.
    case locked(path: String)
    case newerVersion(file: String, version: UInt16)
    case otherHistory(file: String)
    /// Two covers that cannot both be of this history.
    case overlap(file: String, other: String)
    case networkFileSystem(path: String, kind: String)
    /// A thread could not be started.
    case thread(errno: Int32)
    /// The files changed each time they were listed.
    case unsteady(path: String)
    /// A copy did not read back as it was written.
    case copyDiffers(file: String)
    /// The disk has no room for a compaction, which needs at most so many bytes besides what is there.
    case noRoom(path: String, needed: UInt64, SystemError)

    package var description: String {
        switch self {
        case .system(let error):
            error.description
        case .locked(let path):
            "\(path): in use by another httpcrond; stop it, or give this one another --state"
        case .newerVersion(let file, let version):
            "\(file): written by a newer httpcron (format \(version), this one knows "
                + "\(SegmentFormat.majorVersion)); nothing was touched; install that version again"
        case .otherHistory(let file):
            "\(file): belongs to another history than its neighbours; nothing was touched; move it elsewhere"
        case .overlap(let file, let other):
            "\(file): overlaps \(other), and neither includes the other: the files of two histories were mixed; "
                + "nothing was touched; move one of them elsewhere"
        case .networkFileSystem(let path, let kind):
            "\(path): is on a network file system (\(kind)), which does not keep the promises that a history needs; "
                + "use a local disk, or --force-network-file-system"
        case .thread(let errno):
            "no thread could be started (errno \(errno)); raise TasksMax= or LimitNPROC="
        case .unsteady(let path):
            "\(path): its files changed each time they were listed; try again"
        case .copyDiffers(let file):
            "\(file): did not read back as it was written; check the disk and its memory"
        case .noRoom(let path, let needed, let error):
            "\(path): no room to compact: \(error); nothing was compacted; it needs up to \(needed >> 20 + 1) MiB free "
                + "for a while, and gives back more"
        }
    }
}

/// Runs `body`, whose only failures are the system's.
func history<Result>(_ body: () throws(SystemError) -> Result) throws(HistoryError) -> Result {
    do throws(SystemError) { return try body() } catch { throw .system(error) }
}
