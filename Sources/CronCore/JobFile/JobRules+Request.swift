extension JobRules {
    /// The [Request] section; nil without a URL.
    mutating func request() -> RequestTemplate? {
        let body = body()
        let method = method(hasBody: body != .none)
        checkConnection()
        checkTimeouts()
        guard let url = draft.url.value else {
            if !refused.contains("URL") { diagnostics.error(file, "[Request] lacks its URL=") }
            return nil
        }
        var headers: [HeaderTemplate] = []
        var removed: [String] = []
        for line in draft.headers.value {
            switch line {
            case .send(let header): headers.append(header)
            case .remove(let name): removed.append(name)
            }
        }
        return RequestTemplate(
            url: url.template, method: method, headers: headers, removedHeaders: removed, body: body,
            timeout: draft.timeout.value, connectTimeout: draft.connectTimeout.value,
            maxRedirects: draft.maxRedirects.value, successStatus: draft.successStatus.value,
            traceParent: draft.traceParent.value, user: draft.user.value, password: draft.password.value,
            caFile: draft.caFile.value, clientCertificate: draft.clientCertificate.value,
            clientKey: draft.clientKey.value, verifiesTLS: draft.verifiesTLS.value, proxy: draft.proxy.value,
            noProxy: draft.noProxy.value, unixSocket: draft.unixSocket.value,
            addressFamily: draft.addressFamily.value, hostKey: draft.unixSocket.value ?? url.hostKey)
    }

    /// `Body=` or `BodyFile=`; of which a job's own replaces that of `[Defaults]`.
    private mutating func body() -> BodyTemplate {
        if let text = draft.body.origin, let path = draft.bodyFile.origin {
            if text.isDefault == path.isDefault {
                diagnostics.error(path.place, "BodyFile= and Body= exclude each other; keep one")
            } else if text.isDefault {
                draft.body = Setting([])
            } else {
                draft.bodyFile = Setting(nil)
            }
        }
        if let path = draft.bodyFile.value { return .file(path) }
        guard !draft.body.value.isEmpty else { return .none }
        let template = Template(lines: draft.body.value)
        return .text(template, isJSON: template.isJSON)
    }

    private mutating func method(hasBody: Bool) -> String {
        guard let method = draft.method.value, let origin = draft.method.origin else { return hasBody ? "POST" : "GET" }
        let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
        if !known.contains(method), let meant = known.first(where: { $0 == method.uppercased() }) {
            diagnostics.warning(
                origin.place, "Method=\(method) is sent as it is written, and servers know \(meant) only")
        }
        return method
    }

    private mutating func checkConnection() {
        if let origin = draft.clientKey.origin, draft.clientCertificate.value == nil, draft.clientKey.value != nil {
            diagnostics.error(origin.place, "ClientKey= needs ClientCertificate= beside it")
        }
        if let origin = draft.password.origin, draft.user.value == nil, draft.password.value != nil {
            diagnostics.error(origin.place, "Password= needs User= beside it")
        }
        if let origin = draft.verifiesTLS.origin, !draft.verifiesTLS.value {
            diagnostics.warning(
                origin.place,
                "VerifyTLS=no: anyone on the way can read and change what is sent; CAFile= names a private authority")
        }
        if let origin = draft.user.origin, draft.user.value != nil,
            draft.headers.value.contains(where: { $0.sends("authorization") })
        {
            diagnostics.warning(origin.place, "User= and a Header=Authorization: both say who asks; keep one")
        }
        if let origin = draft.unixSocket.origin, draft.proxy.value != nil {
            diagnostics.error(origin.place, "UnixSocket= and Proxy= exclude each other; keep one")
        }
    }

    private mutating func checkTimeouts() {
        if let origin = draft.connectTimeout.origin, draft.connectTimeout.value > draft.timeout.value {
            diagnostics.warning(
                origin.place,
                "ConnectTimeout= is longer than Timeout=, which ends the attempt after \(draft.timeout.value)")
        }
    }
}

extension HeaderLine {
    fileprivate func sends(_ lowercasedName: String) -> Bool {
        if case .send(let header) = self { header.name.lowercased() == lowercasedName } else { false }
    }
}

extension Template {
    /// The lines with a newline between each two.
    fileprivate init(lines: [Template]) {
        self.init(pieces: [])
        for (number, line) in lines.enumerated() {
            if number > 0 { append("\n") }
            for piece in line.pieces {
                if case .literal(let text) = piece { append(text) } else { pieces.append(piece) }
            }
        }
    }

    /// Literals that touch become one.
    private mutating func append(_ text: String) {
        guard case .literal(let last) = pieces.last else {
            pieces.append(.literal(text))
            return
        }
        pieces[pieces.count - 1] = .literal(last + text)
    }

    /// Whether it is JSON once its placeholders are filled. Those that stand for text must stand inside of strings.
    fileprivate var isJSON: Bool {
        var sample: [UInt8] = []
        for piece in pieces {
            switch piece {
            case .literal(let text): sample.append(contentsOf: text.utf8)
            // A number is fine inside of a string and as a value of its own.
            case .placeholder(.attempt), .placeholder(.failedHTTPStatus), .placeholder(.failedExecution):
                sample.append(UInt8(ascii: "1"))
            case .placeholder: sample.append(UInt8(ascii: "x"))
            }
        }
        return JSONValidator.isValid(sample)
    }
}
