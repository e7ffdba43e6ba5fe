internal import CronCore
internal import HTTPServer

/// A request to the API on its way through the daemon: what is asked, by whom, and what the loop knows of it.
struct APIQuery: Sendable {
    var client: ClientID
    var route: APIRoute
    var peer: Peer
    /// Of the query, and of the form in the body.
    var fields: [RequestHead.Field]
    /// What came behind `Authorization: Bearer`.
    var token: [UInt8]?
    /// Records up to this one are on the disk: what is not is not shown.
    var synced: SequenceNumber
    /// Whose jobs' offsets depend on.
    var history: HistoryID
    /// Jobs that are paused.
    var paused: Set<JobID> = []

    func values(of name: String) -> [String] {
        fields.lazy.filter { $0.name == name }.map(\.value)
    }

    /// What the kernel vouches for: root and the daemon's own user may change things, everyone else who can open the
    /// socket may read. nil: nobody vouches, so a token must.
    func localScopes(daemonUser: UInt32) -> Set<APIScope>? {
        guard case .local(let user, _) = peer else { return nil }
        return user == 0 || user == daemonUser ? [.read, .write, .metrics] : [.read, .metrics]
    }

    /// For the log, and for who asks later who did it.
    var who: String {
        switch peer {
        case .local(let user, _): "uid \(user)"
        case .remote: "an API token"
        }
    }
}

extension ServerResponse {
    init(_ problem: APIProblem) {
        self.init(
            status: problem.status, body: problem.document,
            headers: problem.status == 401 ? ["WWW-Authenticate: Bearer realm=\"httpcron\""] : [])
    }
}
