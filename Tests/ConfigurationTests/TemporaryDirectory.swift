import Configuration
import CronCore
import Foundation

/// A directory that is gone when the test is.
final class TemporaryDirectory {
    let path: String

    init() throws {
        let url = URL(fileURLWithPath: NSTemporaryDirectory()).appendingPathComponent("httpcron-\(Foundation.UUID())")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        // The system's temporary directory may be a link.
        path = url.resolvingSymlinksInPath().path
        chmod(path, 0o755)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Writes a file, directories above it included.
    func write(_ name: String, _ text: String, mode: mode_t = 0o644) throws {
        let file = "\(path)/\(name)"
        try FileManager.default.createDirectory(
            atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        // Removed first, so that each version has an inode or a change time of its own.
        try? FileManager.default.removeItem(atPath: file)
        try text.write(toFile: file, atomically: false, encoding: .utf8)
        chmod(file, mode)
    }

    func makeDirectory(_ name: String, mode: mode_t = 0o755) throws {
        try FileManager.default.createDirectory(atPath: "\(path)/\(name)", withIntermediateDirectories: true)
        chmod("\(path)/\(name)", mode)
    }

    func remove(_ name: String) throws {
        try FileManager.default.removeItem(atPath: "\(path)/\(name)")
    }
}

extension FileTrust {
    /// Whoever runs the tests.
    static var me: FileTrust { FileTrust(user: getuid(), group: getgid(), isService: false) }
}

let onDemand = "[Job]\nOnDemand=yes\n[Request]\nURL=http://localhost/\n"
