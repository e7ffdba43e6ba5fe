/// `MaxConcurrent=` and `MaxPerHost=`: who holds a place among the calls in flight, and who waits for one.
///
/// Each host has its own line; of the hosts that have room, the one whose first in line was due first goes first. So a
/// full host delays nobody else, and a step costs O(log n) of those who wait.
struct ConcurrencyLimits {
    private struct Host {
        var name: String
        /// Jobs that call it, and runs that hold or wait for a place with it.
        var users = 0
        var inFlight = 0
        var line = WaitingLine()
    }

    private var maxConcurrent: Int
    private var maxPerHost: Int
    private(set) var inFlight = 0
    private var hosts: [Host] = []
    private var hostOf: [String: Int32] = [:]
    private var freeHosts: [Int32] = []
    /// Hosts that have both room and a line, by when their first in line was due.
    private var ready = MinHeap<Timestamp>()
    private var arrivals: UInt64 = 0

    init(settings: EngineSettings) {
        maxConcurrent = max(1, settings.maxConcurrent)
        maxPerHost = max(1, settings.maxPerHost)
    }

    /// Raised limits let in who is in line, with the next `nextInLine`.
    mutating func change(to settings: EngineSettings) {
        maxConcurrent = max(1, settings.maxConcurrent)
        maxPerHost = max(1, settings.maxPerHost)
        for host in hosts.indices where !hosts[host].line.isEmpty { rank(Int32(truncatingIfNeeded: host)) }
    }

    /// The number of the host called `name`, until it is released as often as it was acquired.
    mutating func acquire(_ name: String) -> Int32 {
        if let host = hostOf[name] {
            hosts[Int(host)].users += 1
            return host
        }
        let host: Int32
        if let free = freeHosts.popLast() {
            host = free
            hosts[Int(host)] = Host(name: name)
        } else {
            host = Int32(truncatingIfNeeded: hosts.count)
            hosts.append(Host(name: name))
        }
        hosts[Int(host)].users = 1
        hostOf[name] = host
        return host
    }

    mutating func acquire(_ host: Int32) {
        hosts[Int(host)].users += 1
    }

    mutating func release(_ host: Int32) {
        hosts[Int(host)].users -= 1
        guard hosts[Int(host)].users == 0 else { return }
        hostOf[hosts[Int(host)].name] = nil
        ready.remove(host)
        hosts[Int(host)] = Host(name: "")
        freeHosts.append(host)
    }

    /// Takes a place with `host` if there is room and nobody is in line for it.
    mutating func takePlace(_ host: Int32) -> Bool {
        guard inFlight < maxConcurrent, hosts[Int(host)].inFlight < maxPerHost, hosts[Int(host)].line.isEmpty else {
            return false
        }
        inFlight += 1
        hosts[Int(host)].inFlight += 1
        return true
    }

    /// Puts `run` in line for a place with `host`.
    mutating func wait(_ run: RunKey, for host: Int32, dueAt: Timestamp) {
        arrivals += 1
        hosts[Int(host)].line.insert(run, dueAt: dueAt, arrival: arrivals)
        rank(host)
    }

    /// Gives a place with `host` back.
    mutating func leavePlace(_ host: Int32) {
        inFlight -= 1
        hosts[Int(host)].inFlight -= 1
        rank(host)
    }

    /// The next in line whose host has room, with a place taken for it. The run may have ended meanwhile: then the
    /// caller leaves the place again.
    mutating func nextInLine() -> (run: RunKey, host: Int32)? {
        guard inFlight < maxConcurrent, let host = ready.first?.slot,
            let run = hosts[Int(host)].line.popFirst()
        else { return nil }
        inFlight += 1
        hosts[Int(host)].inFlight += 1
        rank(host)
        return (run, host)
    }

    private mutating func rank(_ host: Int32) {
        if let dueAt = hosts[Int(host)].line.firstDueAt, hosts[Int(host)].inFlight < maxPerHost {
            ready.set(host, to: dueAt)
        } else {
            ready.remove(host)
        }
    }
}
