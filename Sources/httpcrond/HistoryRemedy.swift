internal import Glibc
internal import History

extension HistoryError {
    /// What to do about a history that cannot be opened, after its description; nothing where that says so already.
    var remedy: String {
        guard case .system(let error) = self else { return "" }
        if error.errno == ENOENT { return "; make the directory above it, or give another --state" }
        return error.remedy.map { "; \($0), or give another --state" } ?? ""
    }
}

extension SystemError {
    /// What to do about a disk that refuses; nil: that depends.
    var remedy: String? {
        switch errno {
        case EROFS: "mount its file system writable (mount -o remount,rw)"
        case ENOSPC, EDQUOT: "free space there (df -h says how much is left)"
        case EACCES, EPERM: "it must belong to the user who runs httpcrond (chown -R)"
        case ENOENT: "the directory of the history was removed: make it again, for the user who runs httpcrond"
        case EIO: "look at the disk: journalctl -k, smartctl -a"
        default: nil
        }
    }
}
