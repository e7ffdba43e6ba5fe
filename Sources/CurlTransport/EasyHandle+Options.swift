internal import CCurl
internal import CronCore

extension EasyHandle {
    /// Sets the handle up for one hop of an attempt that begins now. The first error of a setting, if any.
    /// curl_easy_setopt(3).
    ///
    /// The handle has nothing set, or what `forget` left of a request of some shape. One of the same shape sets only
    /// what differs from call to call: the rest costs as much again as curl takes for a short transfer.
    func configure(_ transfer: Transfer, route: Route, sessions: SessionShares, now: Instant) -> UInt32 {
        key = transfer.key
        let request = transfer.request
        var settings = EasySettings(easy: pointer)
        let isSet = shape?.fits(request, route) ?? false
        if !isSet {
            if shape != nil { curl_easy_reset(pointer) }
            shape = RequestShape(of: request, route: route)
            let prepared = prepare()
            guard prepared == HTTPCRON_CURLE_OK else { return prepared }
            setGuards(&settings)
            setConnection(request, route: route, &settings)
            if route.target.isTLS { setTLS(request.connection, &settings) }
        }
        setTimes(transfer, now: now, &settings)
        setRequest(request, &settings)
        setAddresses(transfer.addresses, route: route, &settings)
        if route.target.isTLS { borrowSessions(from: sessions, for: route.target, &settings) }
        return settings.error
    }

    private static let exitsQuickly = CurlVersion.installed.exitsQuickly

    /// What holds for every request.
    private func setGuards(_ settings: inout EasySettings) {
        // The numbers, and not the names of 7.85 and later, which libcurl would parse anew each time. Redirects, netrc,
        // cookies and compression are off unless they are asked for.
        settings.set(HTTPCRON_CURLOPT_PROTOCOLS, long: HTTPCRON_CURLPROTO_HTTP | HTTPCRON_CURLPROTO_HTTPS)
        // A thread of libcurl's own resolver, where one is used at all, must not be waited for.
        if Self.exitsQuickly { settings.set(HTTPCRON_CURLOPT_QUICK_EXIT, long: 1) }
        settings.set(HTTPCRON_CURLOPT_NOSIGNAL, long: 1)
        // Most responses are small, and each request under way has a buffer.
        settings.set(HTTPCRON_CURLOPT_BUFFERSIZE, long: 8_192)
    }

    private func setTimes(_ transfer: Transfer, now: Instant, _ settings: inout EasySettings) {
        settings.set(HTTPCRON_CURLOPT_TIMEOUT_MS, long: milliseconds(transfer.deadline - now))
        let connectDeadline = transfer.hopBegan + transfer.request.connectTimeout
        settings.set(HTTPCRON_CURLOPT_CONNECTTIMEOUT_MS, long: milliseconds(connectDeadline - now))
    }

    /// Rounded up, and never 0, which would mean none at all.
    private func milliseconds(_ span: TimeSpan) -> Int {
        let rounded = span.microseconds / 1_000 + (span.microseconds % 1_000 > 0 ? 1 : 0)
        return Int(max(1, min(rounded, Int64(Int32.max))))
    }

    private func setRequest(_ request: HTTPRequest, _ settings: inout EasySettings) {
        settings.set(HTTPCRON_CURLOPT_URL, text: request.url)
        let sendsBody = request.body != nil || takesBody(request.method)
        if request.method == "HEAD" {
            settings.set(HTTPCRON_CURLOPT_NOBODY, long: 1)
        } else if sendsBody {
            setBody(request.body ?? [], &settings)
            if request.method != "POST" { settings.set(HTTPCRON_CURLOPT_CUSTOMREQUEST, text: request.method) }
        } else if request.method != "GET" {
            settings.set(HTTPCRON_CURLOPT_CUSTOMREQUEST, text: request.method)
        }
        for header in request.headers where !RequestCheck.isReserved(header.name) {
            headers.beginLine()
            headers.append(header.name)
            headers.append(header.value.isEmpty ? ";" : ": ")
            headers.append(header.value)
        }
        for name in request.removedHeaders { remove(name) }
        // With it libcurl would wait for a go-ahead, and send the request again if it is refused.
        if sendsBody {
            remove("Expect")
            // libcurl calls any body a form.
            if !request.headers.contains(where: { $0.name.lowercased() == "content-type" }) { remove("Content-Type") }
        }
        settings.set(HTTPCRON_CURLOPT_HTTPHEADER, pointer: headers.list)
    }

    /// Methods of which a server expects a length even if it is 0: RFC 9110, section 8.6.
    private func takesBody(_ method: String) -> Bool {
        method == "POST" || method == "PUT" || method == "PATCH"
    }

    private func remove(_ name: String) {
        headers.beginLine()
        headers.append(name)
        headers.append(":")
    }

    private func setBody(_ body: [UInt8], _ settings: inout EasySettings) {
        settings.set(HTTPCRON_CURLOPT_POSTFIELDSIZE_LARGE, offset: Int64(body.count))
        // Of no bytes the pointer may be nil, which would unset the body.
        if body.isEmpty {
            settings.set(HTTPCRON_CURLOPT_COPYPOSTFIELDS, text: "")
        } else {
            body.withUnsafeBytes { settings.set(HTTPCRON_CURLOPT_COPYPOSTFIELDS, pointer: $0.baseAddress) }
        }
    }

    private func setConnection(_ request: HTTPRequest, route: Route, _ settings: inout EasySettings) {
        let connection = request.connection
        // libcurl sends a request again by itself when a connection that was used before dies under it.
        if !request.mayReuseConnection {
            settings.set(HTTPCRON_CURLOPT_FRESH_CONNECT, long: 1)
            settings.set(HTTPCRON_CURLOPT_FORBID_REUSE, long: 1)
            settings.set(HTTPCRON_CURLOPT_HTTP_VERSION, long: HTTPCRON_CURL_HTTP_VERSION_1_1)
        }
        // Empty, not unset: unset would mean the environment's.
        settings.set(HTTPCRON_CURLOPT_PROXY, text: route.proxy ?? "")
        if route.proxy != nil {
            settings.set(HTTPCRON_CURLOPT_NOPROXY, text: "")
            settings.set(HTTPCRON_CURLOPT_SUPPRESS_CONNECT_HEADERS, long: 1)
        }
        if let path = connection.unixSocket { settings.set(HTTPCRON_CURLOPT_UNIX_SOCKET_PATH, text: path) }
        if connection.user != nil || connection.password != nil {
            settings.set(HTTPCRON_CURLOPT_HTTPAUTH, long: HTTPCRON_CURLAUTH_BASIC)
            settings.set(HTTPCRON_CURLOPT_USERNAME, text: connection.user ?? "")
            settings.set(HTTPCRON_CURLOPT_PASSWORD, text: connection.password ?? "")
        }
        switch connection.addressFamily {
        case .any: break
        case .ipv4: settings.set(HTTPCRON_CURLOPT_IPRESOLVE, long: HTTPCRON_CURL_IPRESOLVE_V4)
        case .ipv6: settings.set(HTTPCRON_CURLOPT_IPRESOLVE, long: HTTPCRON_CURL_IPRESOLVE_V6)
        }
        // Each request brings its addresses along, so an entry only has to outlive the moment between its being
        // entered and its being looked up, even if the wall clock is set just then; and is to be forgotten some day.
        settings.set(HTTPCRON_CURLOPT_DNS_CACHE_TIMEOUT, long: 3_600)
    }

    private func setAddresses(_ found: [[String]], route: Route, _ settings: inout EasySettings) {
        for (needed, list) in zip(route.names, found) where !list.isEmpty { add(needed, list) }
        if let list = addresses.list { settings.set(HTTPCRON_CURLOPT_RESOLVE, pointer: list) }
    }

    /// `+HOST:PORT:ADDRESS[,ADDRESS]…`: the plus makes an entry that expires.
    private func add(_ needed: Route.Needed, _ found: [String]) {
        addresses.beginLine()
        addresses.append("+")
        addresses.append(needed.name.name)
        addresses.append(":\(needed.port):")
        for (index, address) in found.enumerated() {
            if index > 0 { addresses.append(",") }
            let isSix = address.utf8.contains(UInt8(ascii: ":"))
            if isSix { addresses.append("[") }
            addresses.append(address)
            if isSix { addresses.append("]") }
        }
    }

    private func setTLS(_ connection: ConnectionSettings, _ settings: inout EasySettings) {
        settings.set(HTTPCRON_CURLOPT_SSLVERSION, long: HTTPCRON_CURL_SSLVERSION_TLSv1_2)
        // With a directory of certificates besides the file, libcurl parses the whole store for each connection:
        // 33 ms instead of 1 (measured).
        settings.set(HTTPCRON_CURLOPT_CAPATH, text: nil)
        if let file = connection.caFile { settings.set(HTTPCRON_CURLOPT_CAINFO, text: file) }
        if !connection.verifiesTLS {
            settings.set(HTTPCRON_CURLOPT_SSL_VERIFYPEER, long: 0)
            settings.set(HTTPCRON_CURLOPT_SSL_VERIFYHOST, long: 0)
        }
        if let file = connection.clientCertificate { settings.set(HTTPCRON_CURLOPT_SSLCERT, text: file) }
        if let file = connection.clientKey { settings.set(HTTPCRON_CURLOPT_SSLKEY, text: file) }
    }
}
