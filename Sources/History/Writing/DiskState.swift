/// Whether the disk takes records.
package enum DiskState: Hashable, Sendable {
    case ok
    /// Writing failed twice in a row; it is tried again each second, and records wait in memory.
    case refusing(SystemError)
}
