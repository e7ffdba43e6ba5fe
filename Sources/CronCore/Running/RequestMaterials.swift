/// What a request needs from files: read off the loop thread, each time it is sent.
package struct RequestMaterials: Sendable {
    /// By name, each as its file holds it, one trailing newline dropped.
    package var credentials: [String: [UInt8]]
    /// Where the files are that the job names as `credential:NAME`.
    package var credentialPaths: [String: String]
    package var bodyFile: BodyFileContent?

    package init(
        credentials: [String: [UInt8]] = [:], credentialPaths: [String: String] = [:],
        bodyFile: BodyFileContent? = nil
    ) {
        self.credentials = credentials
        self.credentialPaths = credentialPaths
        self.bodyFile = bodyFile
    }
}

/// What `BodyFile=` held. Made where the file is read, since to see whether it is JSON takes a look at all of it.
package struct BodyFileContent: Sendable {
    package let bytes: [UInt8]
    package let isJSON: Bool

    package init(bytes: [UInt8]) {
        self.bytes = bytes
        self.isJSON = JSONValidator.isValid(bytes)
    }
}

extension RequestTemplate {
    /// The credentials whose content it needs, each once.
    package var credentialNames: [String] {
        var templates = [url] + headers.map(\.value) + [user, password, proxy].compactMap { $0 }
        if case .text(let body, _) = body { templates.append(body) }
        return templates.flatMap(\.credentialNames).unique
    }

    /// The credentials that it needs as files, each once.
    package var credentialFileNames: [String] {
        [caFile, clientCertificate, clientKey].compactMap {
            if case .credential(let name) = $0 { name } else { nil }
        }.unique
    }

    package var bodyFile: String? {
        if case .file(let path) = body { path } else { nil }
    }

    /// Whether something must be read before the request can be made. Asked for each attempt, so without lists.
    package var needsFiles: Bool {
        switch body {
        case .file: return true
        case .text(let text, _) where text.holdsCredential: return true
        case .text, .none: break
        }
        for case .credential? in [caFile, clientCertificate, clientKey] { return true }
        return url.holdsCredential || headers.contains { $0.value.holdsCredential }
            || user?.holdsCredential == true || password?.holdsCredential == true || proxy?.holdsCredential == true
    }
}

extension [String] {
    fileprivate var unique: [String] {
        var seen: Set<String> = []
        return filter { seen.insert($0).inserted }
    }
}
