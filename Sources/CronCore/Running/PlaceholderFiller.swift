/// Fills templates for one attempt, in each of the ways that the place of a template asks for.
struct PlaceholderFiller {
    let attempt: Attempt
    let credentials: [String: [UInt8]]

    /// For a header, a user, a password. The caller decides on control characters, but for the NUL that would end the
    /// text early.
    func text(_ template: Template, place: String) throws(RequestError) -> String {
        // Most have no placeholder.
        if let plain = template.plainText { return plain }
        var bytes: [UInt8] = []
        for piece in template.pieces {
            switch piece {
            case .literal(let text): bytes.append(contentsOf: text.utf8)
            case .placeholder(let placeholder): bytes.append(contentsOf: try value(of: placeholder))
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .notText(place) }
        guard !bytes.contains(0) else { throw .controlCharacter(in: place) }
        return text
    }

    func text(_ template: Template?, place: String) throws(RequestError) -> String? {
        guard let template else { return nil }
        let text: String = try text(template, place: place)
        return text
    }

    /// For a URL: what comes from a placeholder is data and cannot add a slash or a parameter (RFC 3986, section 2.3).
    func percentEncoded(_ template: Template) throws(RequestError) -> String {
        if let plain = template.plainText { return plain }
        var bytes: [UInt8] = []
        for piece in template.pieces {
            switch piece {
            case .literal(let text): bytes.append(contentsOf: text.utf8)
            case .placeholder(let placeholder):
                for byte in try value(of: placeholder) { Self.percentEncode(byte, to: &bytes) }
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A proxy's URL, encoded likewise, unless one placeholder is all of it.
    func proxy(_ template: Template?) throws(RequestError) -> String? {
        guard let template else { return nil }
        guard template.pieces.count == 1 else { return try percentEncoded(template) }
        let proxy: String = try text(template, place: "Proxy=")
        guard !HTTPToken.holdsControl(proxy) else { throw .controlCharacter(in: "Proxy=") }
        return proxy
    }

    /// For a body. In JSON, what stands inside of a string is escaped for it, and what stands outside is a number,
    /// `null` or, for the failed execution, its object.
    func body(_ template: Template, isJSON: Bool) throws(RequestError) -> [UInt8] {
        var bytes: [UInt8] = []
        var strings = JSONStringTracker()
        for piece in template.pieces {
            switch piece {
            case .literal(let text):
                bytes.append(contentsOf: text.utf8)
                if isJSON { strings.follow(text) }
            case .placeholder(let placeholder):
                let value = try value(of: placeholder)
                if !isJSON {
                    bytes.append(contentsOf: value)
                } else if strings.isInside {
                    guard Self.isText(value) else { throw .notText("Body=") }
                    JSONWriter.string(value, to: &bytes, quotes: false)
                } else if value.isEmpty {
                    JSONWriter.null(to: &bytes)
                } else {
                    bytes.append(contentsOf: value)
                }
            }
        }
        return bytes
    }

    /// What a placeholder stands for; empty for a `${failed.…}` in a run that no failure triggered.
    private func value(of placeholder: Placeholder) throws(RequestError) -> [UInt8] {
        switch placeholder {
        case .job: return Array(attempt.job.id.text.utf8)
        case .runID: return attempt.run.id.value.ascii
        case .attempt: return Array(String(attempt.number).utf8)
        case .scheduledAt: return Array(attempt.run.scheduledAt.iso8601.utf8)
        case .credential(let name):
            guard let secret = credentials[name] else {
                throw .credentialMissing(name, detail: "the credential \(name) was not found")
            }
            return secret
        case .failedJob: return Array((attempt.failed?.header.job.text ?? "").utf8)
        case .failedError: return Array((attempt.failed?.response.failure?.error ?? "").utf8)
        case .failedErrorCode: return Array((attempt.failed?.response.failure?.code ?? "").utf8)
        case .failedHTTPStatus: return Array((attempt.failed?.response.httpStatus.map { String($0) } ?? "").utf8)
        case .failedExecution:
            var json: [UInt8] = []
            attempt.failed?.appendKrafterJSON(to: &json)
            return json
        }
    }

    private static func isText(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBufferPointer { UTF8Scanner.firstInvalid($0) == nil }
    }

    private static func percentEncode(_ byte: UInt8, to bytes: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            bytes.append(byte)
        default:
            bytes.append(UInt8(ascii: "%"))
            // RFC 3986, section 2.1, prefers capitals.
            for digit in [hexadecimalDigit(byte >> 4), hexadecimalDigit(byte & 15)] {
                bytes.append(digit >= UInt8(ascii: "a") ? digit & 0xdf : digit)
            }
        }
    }
}

/// Whether a text of JSON, read piece by piece, stands inside of a string.
private struct JSONStringTracker {
    private(set) var isInside = false
    private var isEscaped = false

    mutating func follow(_ text: String) {
        for byte in text.utf8 {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\"") {
                isInside.toggle()
            } else if byte == UInt8(ascii: "\\"), isInside {
                isEscaped = true
            }
        }
    }
}
