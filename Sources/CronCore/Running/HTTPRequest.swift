/// One HTTP request, complete: every placeholder filled, every default header in place. Knows nothing of jobs.
package struct HTTPRequest: Equatable, Sendable {
    package var url: String
    package var method: String
    /// In the order they are sent; an empty value sends `Name:` with nothing behind it.
    package var headers: [HTTPHeader]
    /// Headers that libcurl would add by itself and that must not be sent, as `Header=Name:` asks.
    package var removedHeaders: [String]
    package var body: [UInt8]?
    /// The whole attempt, from the moment it starts.
    package var timeout: TimeSpan
    /// Until connected: name, connect and TLS.
    package var connectTimeout: TimeSpan
    package var maxRedirects: Int
    package var successStatus: StatusSet
    /// Whether a connection may be used that served an earlier request, or kept for a later one. libcurl re-sends a
    /// request by itself when a reused connection dies, so only an idempotent one may.
    package var mayReuseConnection: Bool
    package var connection: ConnectionSettings

    package init(
        url: String, method: String, headers: [HTTPHeader], removedHeaders: [String] = [], body: [UInt8]?,
        timeout: TimeSpan, connectTimeout: TimeSpan, maxRedirects: Int, successStatus: StatusSet,
        mayReuseConnection: Bool, connection: ConnectionSettings
    ) {
        self.url = url
        self.method = method
        self.headers = headers
        self.removedHeaders = removedHeaders
        self.body = body
        self.timeout = timeout
        self.connectTimeout = connectTimeout
        self.maxRedirects = maxRedirects
        self.successStatus = successStatus
        self.mayReuseConnection = mayReuseConnection
        self.connection = connection
    }
}

/// One header field of a request.
package struct HTTPHeader: Hashable, Sendable {
    package var name: String
    package var value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// How a request reaches its server. Secrets in it are filled in already.
package struct ConnectionSettings: Hashable, Sendable {
    /// Basic authentication; both nil: none.
    package var user: String?
    package var password: String?
    /// Paths of PEM files; nil: the system's, or none.
    package var caFile: String?
    package var clientCertificate: String?
    package var clientKey: String?
    package var verifiesTLS: Bool
    package var proxy: String?
    package var noProxy: String?
    package var unixSocket: String?
    package var addressFamily: AddressFamily

    package init(
        user: String? = nil, password: String? = nil, caFile: String? = nil, clientCertificate: String? = nil,
        clientKey: String? = nil, verifiesTLS: Bool = true, proxy: String? = nil, noProxy: String? = nil,
        unixSocket: String? = nil, addressFamily: AddressFamily = .any
    ) {
        self.user = user
        self.password = password
        self.caFile = caFile
        self.clientCertificate = clientCertificate
        self.clientKey = clientKey
        self.verifiesTLS = verifiesTLS
        self.proxy = proxy
        self.noProxy = noProxy
        self.unixSocket = unixSocket
        self.addressFamily = addressFamily
    }
}

/// `AddressFamily=`, with systemd's words.
package enum AddressFamily: String, Sendable, CaseIterable {
    case any
    case ipv4
    case ipv6
}

/// A set of status codes, as `SuccessStatus=` lists them: ranges from 100 to 599.
package struct StatusSet: Hashable, Sendable {
    package var ranges: [ClosedRange<Int>]

    package init(_ ranges: [ClosedRange<Int>]) {
        self.ranges = ranges
    }

    package static let success = StatusSet([200...299])

    package func contains(_ status: Int) -> Bool {
        ranges.contains { $0.contains(status) }
    }
}
