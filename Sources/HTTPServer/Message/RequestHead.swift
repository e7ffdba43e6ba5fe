/// The head of an HTTP/1.1 request (RFC 9112), as far as a server of small JSON documents needs it.
package struct RequestHead: Equatable, Sendable {
    /// A token, as it was sent: methods are case-sensitive.
    package var method: String
    /// The path's segments, percent-decoded; `/` has none.
    package var path: [String]
    /// The query's fields in order, percent-decoded; `+` is a blank.
    package var query: [Field]
    /// Bytes of the body that follows.
    package var contentLength: Int
    /// Whether the connection is to go on after the answer.
    package var keepsAlive: Bool
    /// What comes behind `Authorization: Bearer`; nil: there is no such header.
    package var bearer: [UInt8]?
    /// `application/json`, without parameters, in lower case; empty: there is none.
    package var contentType: String

    package struct Field: Equatable, Sendable {
        package var name: String
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package init(
        method: String, path: [String], query: [Field] = [], contentLength: Int = 0, keepsAlive: Bool = true,
        bearer: [UInt8]? = nil, contentType: String = ""
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.contentLength = contentLength
        self.keepsAlive = keepsAlive
        self.bearer = bearer
        self.contentType = contentType
    }
}

/// Why a request is not understood; the connection ends with the answer, since where the next one would begin is not
/// known.
package enum RequestRefusal: Int, Error, Sendable, CaseIterable {
    case badRequest = 400
    case contentTooLarge = 413
    case expectationFailed = 417
    case headTooLarge = 431
    case notImplemented = 501
    case versionNotSupported = 505
}
