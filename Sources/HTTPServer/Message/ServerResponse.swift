/// What is answered.
package struct ServerResponse: Equatable, Sendable {
    package var status: Int
    package var contentType: String
    package var body: [UInt8]
    /// Further headers, whole lines without their ends: text of the program, never of a client.
    package var headers: [String]

    package init(
        status: Int, contentType: String = "application/json; charset=utf-8", body: [UInt8] = [], headers: [String] = []
    ) {
        self.status = status
        self.contentType = contentType
        self.body = body
        self.headers = headers
    }

    /// Appends the head and, unless only that was asked for (`HEAD`), the body.
    func write(to output: inout [UInt8], keepsAlive: Bool, withBody: Bool = true) {
        output.reserveCapacity(output.count + body.count + 256)
        Self.append("HTTP/1.1 \(status) \(Self.reason(status))\r\n", to: &output)
        Self.append("Content-Type: \(contentType)\r\nContent-Length: \(body.count)\r\n", to: &output)
        // What it tells is how things are now.
        Self.append("Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n", to: &output)
        for header in headers { Self.append("\(header)\r\n", to: &output) }
        Self.append(keepsAlive ? "\r\n" : "Connection: close\r\n\r\n", to: &output)
        if withBody { output += body }
    }

    private static func append(_ text: String, to output: inout [UInt8]) { output += text.utf8 }

    /// RFC 9110, section 15.
    private static func reason(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 202: "Accepted"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 413: "Content Too Large"
        case 417: "Expectation Failed"
        case 422: "Unprocessable Content"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 503: "Service Unavailable"
        case 505: "HTTP Version Not Supported"
        default: "Other"
        }
    }
}
