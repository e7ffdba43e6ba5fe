internal import CronCore

/// What becomes of a 3xx response.
enum Redirect {
    /// It is the attempt's response as it stands, for the reason given, if there is one to tell.
    case ends(detail: String)
    /// `MaxRedirects=` has been used up.
    case tooMany
    case follow(HTTPRequest)

    /// `done`: the redirects followed so far. Which method goes on is what browsers and curl do, and what RFC 9110,
    /// section 15.4, allows: after 303 anything but HEAD becomes GET, after 301 and 302 POST does; 307 and 308 repeat
    /// the request as it was.
    ///
    /// To another origin go none of the job's headers but those that describe the body, and no user, password or client
    /// certificate. From https:// to http:// nothing is sent at all.
    init(
        status: Int, location: String?, request: HTTPRequest, from origin: Target, done: Int, limit: Int,
        parser: URLParser
    ) {
        guard limit > 0, [301, 302, 303, 307, 308].contains(status), !request.successStatus.contains(status) else {
            self = .ends(detail: "")
            return
        }
        guard let location, !location.isEmpty else {
            self = .ends(detail: "a redirect without a Location")
            return
        }
        guard let url = parser.resolve(location, from: request.url), let target = parser.target(of: url) else {
            self = .ends(detail: "the redirect leads to no http:// or https:// URL; it was not followed")
            return
        }
        guard target.isTLS || !origin.isTLS else {
            self = .ends(detail: "the redirect leads from https:// to http://; it was not followed")
            return
        }
        guard done < limit else {
            self = .tooMany
            return
        }
        var next = request
        next.url = url
        if status == 303 && request.method != "HEAD" || status < 303 && request.method == "POST" {
            next.method = "GET"
            next.body = nil
            next.headers.removeAll { Self.describesBody($0.name) }
        }
        if target != origin { Self.leaveOrigin(&next) }
        self = .follow(next)
    }

    private static func leaveOrigin(_ request: inout HTTPRequest) {
        request.headers.removeAll { !isOurs($0.name) }
        request.connection.user = nil
        request.connection.password = nil
        request.connection.clientCertificate = nil
        request.connection.clientKey = nil
    }

    /// Content-Type, Content-Length, Content-Encoding…
    private static func describesBody(_ name: String) -> Bool {
        let name = name.lowercased()
        return name.hasPrefix("content-") || name == "transfer-encoding"
    }

    /// Headers that every request carries by default and that hold no secret of the job's.
    private static func isOurs(_ name: String) -> Bool {
        let name = name.lowercased()
        return name == "user-agent" || name == "content-type" || name == "idempotency-key" || name == "traceparent"
            || name.hasPrefix("x-httpcron-")
    }
}
