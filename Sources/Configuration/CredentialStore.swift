package import CronCore
internal import Glibc

/// Where secrets lie: files, read each time one is sent, so that a rotated secret needs no reload.
package struct CredentialStore: Sendable {
    private let directories: [String]
    private let reader: FileReader

    /// The most bytes that a `BodyFile=` may have.
    package static let bodyLimit = 16 << 20

    /// The places of a service; `given` is `$CREDENTIALS_DIRECTORY`, which comes first.
    package static func systemDirectories(given: String?) -> [String] {
        [given].compactMap { $0 } + ["/run/httpcron/credentials", "/etc/httpcron/credentials"]
    }

    /// `directories`: the first one that has a file of the name wins.
    package init(directories: [String], reader: FileReader) {
        self.directories = directories
        self.reader = reader
    }

    /// What the credential holds, one trailing newline dropped. Blocks on the disk: not for the loop thread.
    package func read(_ name: String) -> Result<[UInt8], RequestError> {
        locate(name).map { found in
            var bytes = found.bytes
            if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
            return bytes
        }
    }

    /// The path of the credential's file, once it has been checked.
    package func path(of name: String) -> Result<String, RequestError> {
        locate(name).map(\.path)
    }

    /// What is wrong with a credential; nil: it can be sent.
    package func problem(with name: String) -> String? {
        if case .failure(let error) = locate(name) { error.detail } else { nil }
    }

    /// Reads everything that a request needs. Blocks on the disk: not for the loop thread.
    package func materials(for template: RequestTemplate) -> Result<RequestMaterials, RequestError> {
        var materials = RequestMaterials()
        do {
            for name in template.credentialNames { materials.credentials[name] = try read(name).get() }
            for name in template.credentialFileNames { materials.credentialPaths[name] = try path(of: name).get() }
            if let path = template.bodyFile {
                do {
                    let content = try reader.read(path, shown: path, role: .body, sizeLimit: Self.bodyLimit)
                    materials.bodyFile = BodyFileContent(bytes: content.bytes)
                } catch {
                    return .failure(.bodyFileUnreadable(detail: "BodyFile=\(path) \(error.reason)"))
                }
            }
            return .success(materials)
        } catch {
            return .failure(error)
        }
    }

    private func locate(_ name: String) -> Result<(path: String, bytes: [UInt8]), RequestError> {
        // The names in job files have been checked; this guards whoever asks for another.
        guard JobID.isValid(name) else {
            return .failure(.credentialMissing("", detail: "a credential's name is letters, digits, '_', '.' and '-'"))
        }
        for directory in directories {
            let path = "\(directory)/\(name)"
            do {
                return .success((path, try reader.read(path, shown: path, role: .credential).bytes))
            } catch {
                if error.isMissing { continue }
                return .failure(.credentialUnreadable(name, detail: "the credential \(path) \(error.reason)"))
            }
        }
        return .failure(
            .credentialMissing(
                name, detail: "there is no credential \(name) in \(directories.joined(separator: ", "))"))
    }
}
