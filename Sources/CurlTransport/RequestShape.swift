internal import CronCore

/// What a request asks of libcurl beyond its URL, headers, times and addresses: two of the same shape can follow each
/// other in one easy handle without setting all of it again.
struct RequestShape {
    private let connection: ConnectionSettings
    private let isTLS: Bool
    private let mayReuseConnection: Bool

    /// nil for a request that leaves something behind that no later one may find: a method or a body of its own, a
    /// secret, a proxy.
    init?(of request: HTTPRequest, route: Route) {
        let connection = request.connection
        guard request.method == "GET", request.body == nil, route.proxy == nil, connection.user == nil,
            connection.password == nil
        else { return nil }
        self.connection = connection
        isTLS = route.target.isTLS
        mayReuseConnection = request.mayReuseConnection
    }

    /// Whether `request` is of this shape, of which it has one.
    func fits(_ request: HTTPRequest, _ route: Route) -> Bool {
        request.method == "GET" && request.body == nil && route.proxy == nil && route.target.isTLS == isTLS
            && request.mayReuseConnection == mayReuseConnection && request.connection == connection
    }
}
