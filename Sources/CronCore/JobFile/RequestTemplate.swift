/// The [Request] section: a request with its placeholders still in it.
package struct RequestTemplate: Hashable, Sendable {
    package var url: Template
    /// Upper case as written; already resolved to GET or POST where the file names none.
    package var method: String
    package var headers: [HeaderTemplate]
    package var removedHeaders: [String]
    package var body: BodyTemplate
    package var timeout: TimeSpan
    package var connectTimeout: TimeSpan
    package var maxRedirects: Int
    package var successStatus: StatusSet
    package var traceParent: Bool
    package var user: Template?
    package var password: Template?
    package var caFile: FileReference?
    package var clientCertificate: FileReference?
    package var clientKey: FileReference?
    package var verifiesTLS: Bool
    package var proxy: Template?
    package var noProxy: String?
    package var unixSocket: String?
    package var addressFamily: AddressFamily
    /// What `MaxPerHost=` counts by: `host:port`, or the path of the socket.
    package var hostKey: String

    package init(
        url: Template, method: String = "GET", headers: [HeaderTemplate] = [], removedHeaders: [String] = [],
        body: BodyTemplate = .none, timeout: TimeSpan = .seconds(30), connectTimeout: TimeSpan = .seconds(10),
        maxRedirects: Int = 0, successStatus: StatusSet = .success, traceParent: Bool = false,
        user: Template? = nil, password: Template? = nil, caFile: FileReference? = nil,
        clientCertificate: FileReference? = nil, clientKey: FileReference? = nil, verifiesTLS: Bool = true,
        proxy: Template? = nil, noProxy: String? = nil, unixSocket: String? = nil,
        addressFamily: AddressFamily = .any, hostKey: String
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
        self.traceParent = traceParent
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
        self.hostKey = hostKey
    }
}

/// A `Header=` line.
package struct HeaderTemplate: Hashable, Sendable {
    package var name: String
    package var value: Template

    package init(name: String, value: Template) {
        self.name = name
        self.value = value
    }
}

/// `Body=` or `BodyFile=`.
package enum BodyTemplate: Hashable, Sendable {
    case none
    /// `isJSON`: placeholders are escaped as JSON strings.
    case text(Template, isJSON: Bool)
    /// Read each time it is sent.
    case file(String)
}

/// A file named by a job: by its path, or `credential:NAME`.
package enum FileReference: Hashable, Sendable {
    case path(String)
    case credential(String)
}

/// Text with placeholders.
package struct Template: Hashable, Sendable {
    package var pieces: [Piece]

    package init(pieces: [Piece]) {
        self.pieces = pieces
    }

    package enum Piece: Hashable, Sendable {
        case literal(String)
        case placeholder(Placeholder)
    }
}

/// `${…}` in a job file.
package enum Placeholder: Hashable, Sendable {
    case job
    case runID
    case attempt
    case scheduledAt
    case credential(String)
    case failedJob
    case failedError
    case failedErrorCode
    case failedHTTPStatus
    case failedExecution
}
