internal import CronCore

/// One attempt under way: looking up names, then on the wire, perhaps more than once if it is redirected. It owns its
/// easy handle; dropping it cancels the request.
final class Transfer {
    let key: AttemptKey
    let startedAt: Instant
    /// As it stands now: a redirect changes it.
    var request: HTTPRequest
    var route: Route?
    /// Names whose answer is awaited; the easy handle is taken when there are none left.
    var awaited: [HostName] = []
    var easy: EasyHandle?
    /// Whether it stands in the queue of those that begin next.
    var isQueued = false
    var redirects = 0
    /// When this hop began: its first name was asked for.
    var hopBegan: Instant
    /// When curl got it.
    var curlBegan: Instant
    /// What the hops before this one took.
    var timings = PhaseTimings()
    /// Addresses found, by the place of their name in the route.
    var addresses: [[String]] = []

    init(key: AttemptKey, request: HTTPRequest, startedAt: Instant) {
        self.key = key
        self.request = request
        self.startedAt = startedAt
        hopBegan = startedAt
        curlBegan = startedAt
    }

    /// When the whole attempt has taken too long.
    var deadline: Instant { startedAt + request.timeout }

    /// When the names have to be known.
    var lookupDeadline: Instant { min(deadline, hopBegan + request.connectTimeout) }
}
