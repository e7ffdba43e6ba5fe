internal import CLinux
internal import Glibc

/// What a history takes of its disk.
package struct HistoryUse: Hashable, Sendable {
    /// Bytes of all files in its directory.
    package var bytes: UInt64
    /// Those of segments under their final names: what a compaction can make less of, but for the active one.
    package var segmentBytes: UInt64
    /// Segments that no compaction has joined yet, the active one among them.
    package var rawSegments: Int
    /// The size of the file system, and what is free there for anybody.
    package var diskBytes: UInt64
    package var freeBytes: UInt64

    package init(bytes: UInt64, segmentBytes: UInt64, rawSegments: Int, diskBytes: UInt64, freeBytes: UInt64) {
        self.bytes = bytes
        self.segmentBytes = segmentBytes
        self.rawSegments = rawSegments
        self.diskBytes = diskBytes
        self.freeBytes = freeBytes
    }

    /// Looks at the files of the history in `directory`. Blocks on the disk.
    package static func measure(directory: String) throws(HistoryError) -> HistoryUse {
        try history { () throws(SystemError) in try measure(PosixStorage(path: directory)) }
    }

    private static func measure(_ storage: PosixStorage) throws(SystemError) -> HistoryUse {
        let disk = try storage.space()
        var use = HistoryUse(
            bytes: 0, segmentBytes: 0, rawSegments: 0, diskBytes: disk.size, freeBytes: disk.free)
        for name in try storage.names() {
            guard let name = SegmentName(name), let size = try storage.sizeIfAny(name.text) else { continue }
            use.bytes &+= size
            if name.range != nil { use.segmentBytes &+= size }
            if case .raw = name { use.rawSegments += 1 }
        }
        return use
    }
}

extension PosixStorage {
    /// nil: it went away since it was listed.
    fileprivate func sizeIfAny(_ name: String) throws(SystemError) -> UInt64? {
        do throws(SystemError) {
            return try open(name).size()
        } catch  where error.isMissing {
            return nil
        }
    }

    /// The size of the file system that holds this directory, and what is free there for anybody. statvfs(3).
    fileprivate func space() throws(SystemError) -> (size: UInt64, free: UInt64) {
        var status = statvfs()
        _ = try systemCall("statvfs", path) { statvfs(path, &status) }
        let unit = UInt64(status.f_frsize)
        return (
            UInt64(status.f_blocks).multipliedReportingOverflow(by: unit).partialValue,
            UInt64(status.f_bavail).multipliedReportingOverflow(by: unit).partialValue
        )
    }
}
