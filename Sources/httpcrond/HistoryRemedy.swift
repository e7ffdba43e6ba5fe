internal import Glibc
internal import History

extension HistoryError {
    /// What to do about it, after its description; nothing where that says so already.
    var remedy: String {
        guard case .system(let error) = self else { return "" }
        return switch error.errno {
        case EROFS: "; mount its file system writable (mount -o remount,rw), or give another --state"
        case ENOSPC, EDQUOT: "; free space there (df -h says how much is left), or give another --state"
        case EACCES, EPERM: "; it must belong to the user who runs httpcrond (chown -R), or give another --state"
        case ENOENT: "; make the directory above it, or give another --state"
        case EIO: "; look at the disk: journalctl -k, smartctl -a"
        default: ""
        }
    }
}
