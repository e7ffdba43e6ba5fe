/// Makes the request of an attempt: fills the placeholders, adds the default headers.
package struct RequestRenderer: Sendable {
    private let userAgent: String

    /// `version`: of this program, for `User-Agent`.
    package init(version: String) {
        userAgent = "httpcron/\(version)"
    }

    package func render(
        _ attempt: Attempt, _ materials: RequestMaterials = RequestMaterials()
    ) -> Result<HTTPRequest, RequestError> {
        do {
            return .success(try request(attempt, materials))
        } catch {
            return .failure(error)
        }
    }

    private func request(_ attempt: Attempt, _ materials: RequestMaterials) throws(RequestError) -> HTTPRequest {
        let template = attempt.job.request
        let filler = PlaceholderFiller(attempt: attempt, credentials: materials.credentials)
        let (body, contentType) = try body(template.body, filler, materials)
        let headers = try headers(of: attempt, contentType: contentType, filler)
        return HTTPRequest(
            url: try filler.percentEncoded(template.url), method: template.method, headers: headers,
            removedHeaders: template.removedHeaders, body: body, timeout: template.timeout,
            connectTimeout: template.connectTimeout, maxRedirects: template.maxRedirects,
            successStatus: template.successStatus,
            mayReuseConnection: Self.idempotent.contains(template.method) && attempt.job.delivery == .atLeastOnce,
            connection: try connection(template, filler, materials))
    }

    /// RFC 9110, section 9.2.2: libcurl repeats a request by itself when a reused connection dies under it.
    private static let idempotent: Set<String> = ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"]

    private func body(
        _ template: BodyTemplate, _ filler: PlaceholderFiller, _ materials: RequestMaterials
    ) throws(RequestError) -> (bytes: [UInt8]?, contentType: String?) {
        switch template {
        case .none:
            return (nil, nil)
        case .text(let text, let isJSON):
            return (try filler.body(text, isJSON: isJSON), Self.contentType(isJSON: isJSON))
        case .file(let path):
            guard let content = materials.bodyFile else {
                throw .bodyFileUnreadable(detail: "\(path) was not read")
            }
            return (content.bytes, Self.contentType(isJSON: content.isJSON))
        }
    }

    private static func contentType(isJSON: Bool) -> String {
        isJSON ? "application/json" : "text/plain; charset=utf-8"
    }

    /// The default headers that the job neither sets nor removes, then its own.
    private func headers(
        of attempt: Attempt, contentType: String?, _ filler: PlaceholderFiller
    ) throws(RequestError) -> [HTTPHeader] {
        let template = attempt.job.request
        var headers = [
            HTTPHeader(name: "User-Agent", value: userAgent),
            HTTPHeader(name: "Idempotency-Key", value: attempt.run.id.description),
            HTTPHeader(name: "X-Httpcron-Job", value: attempt.job.id.text),
            HTTPHeader(name: "X-Httpcron-Scheduled-At", value: attempt.run.scheduledAt.iso8601),
            HTTPHeader(name: "X-Httpcron-Attempt", value: String(attempt.number)),
        ]
        if template.traceParent { headers.append(HTTPHeader(name: "traceparent", value: Self.traceParent(attempt))) }
        if let contentType { headers.append(HTTPHeader(name: "Content-Type", value: contentType)) }
        if !template.headers.isEmpty || !template.removedHeaders.isEmpty {
            let taken = Set((template.headers.map(\.name) + template.removedHeaders).map { $0.lowercased() })
            headers.removeAll { taken.contains($0.name.lowercased()) }
        }
        for header in template.headers {
            let place = "the header \(header.name)"
            let value = try filler.text(header.value, place: place)
            guard !HTTPToken.holdsControl(value) else { throw .controlCharacter(in: place) }
            headers.append(HTTPHeader(name: header.name, value: value))
        }
        return headers
    }

    /// W3C Trace Context: all attempts of a run are one trace, each attempt is a span of it.
    private static func traceParent(_ attempt: Attempt) -> String {
        let run = attempt.run.id.value.description.filter { $0 != "-" }
        let span = String(attempt.execution.value.low, radix: 16)
        return "00-\(run)-\(String(repeating: "0", count: 16 - span.count))\(span)-01"
    }

    private func connection(
        _ template: RequestTemplate, _ filler: PlaceholderFiller, _ materials: RequestMaterials
    ) throws(RequestError) -> ConnectionSettings {
        ConnectionSettings(
            user: try filler.text(template.user, place: "User="),
            password: try filler.text(template.password, place: "Password="),
            caFile: try path(template.caFile, materials),
            clientCertificate: try path(template.clientCertificate, materials),
            clientKey: try path(template.clientKey, materials), verifiesTLS: template.verifiesTLS,
            proxy: try filler.proxy(template.proxy), noProxy: template.noProxy, unixSocket: template.unixSocket,
            addressFamily: template.addressFamily)
    }

    private func path(_ file: FileReference?, _ materials: RequestMaterials) throws(RequestError) -> String? {
        switch file {
        case nil: return nil
        case .path(let path): return path
        case .credential(let name):
            guard let path = materials.credentialPaths[name] else {
                throw .credentialMissing(name, detail: "the credential \(name) was not found")
            }
            return path
        }
    }
}
