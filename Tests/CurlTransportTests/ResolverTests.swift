import CronCore
import Synchronization
import Systemd
import Testing

@testable import CurlTransport

@Suite struct ResolverTests {
    @Test func `a name is looked up once for all who wait for it and then remembered`() throws {
        let server = try LoopbackServer { peer, _ in
            while peer.request() != nil { peer.respond() }
        }
        let counter = Counter()
        let caller = try Caller(lookup: { name in
            counter.count(name.name)
            return .addresses(["127.0.0.1"])
        })
        let url = server.url(host: "Target.TEST")
        let keys = (0..<20).map { _ in caller.start(.to(url, reuse: false)) }
        try caller.turn { caller.results.count == keys.count }
        let again = try caller.call(.to(url, reuse: false))
        #expect(caller.results.values.allSatisfy { $0.response.failure == nil })
        #expect(counter.names == ["target.test"])
        #expect(again.response.timings.dns != nil)
        #expect(server.requests.first?.contains("Host: Target.TEST") == true)
    }

    @Test func `the next address is tried when one refuses`() throws {
        let server = try LoopbackServer { peer, _ in
            while peer.request() != nil { peer.respond() }
        }
        let caller = try Caller(lookup: { _ in .addresses(["::1", "127.0.0.2", "127.0.0.1"]) })
        let response = try caller.call(.to(server.url(host: "target.test"))).response
        #expect(response.failure == nil)
        #expect(response.remoteAddress == "127.0.0.1")
    }

    @Test(arguments: ["target.test.", "TARGET.test", "xn--mnchen-3ya.test", "_x.test"])
    func `libcurl finds what was looked up under any spelling of the name`(name: String) throws {
        let server = try LoopbackServer { peer, _ in
            while peer.request() != nil { peer.respond() }
        }
        // Nobody else knows these names.
        let caller = try Caller(lookup: { _ in .addresses(["127.0.0.1"]) })
        #expect(try caller.call(.to(server.url(host: name))).response.failure == nil)
    }

    @Test func `AddressFamily= is asked for`() throws {
        let counter = Counter()
        let caller = try Caller(lookup: { name in
            counter.count("\(name.family)")
            return .notFound
        })
        for family in [AddressFamily.ipv4, .ipv6, .any] {
            _ = try caller.call(.to("http://target.test/", connection: ConnectionSettings(addressFamily: family)))
        }
        #expect(counter.names == ["ipv4", "ipv6", "any"])
    }

    @Test func `names that stall delay nobody`() throws {
        let server = try LoopbackServer { peer, _ in
            while peer.request() != nil { peer.respond() }
        }
        let gate = Gate()
        let caller = try Caller(lookup: { name in
            guard name.name.hasPrefix("stalled") else { return .addresses(["127.0.0.1"]) }
            gate.wait()
            return .notFound
        })
        defer { gate.open() }
        // One that is known to be good, and more dead ones than there are threads.
        #expect(try caller.call(.to(server.url(host: "good.test"), reuse: false)).response.failure == nil)
        let stalled = (0..<100).map { caller.start(.to("http://stalled\($0).test/")) }
        let numeric = caller.start(.to(server.url(), reuse: false))
        let cached = caller.start(.to(server.url(host: "good.test"), reuse: false))
        try caller.waitFor(numeric, cached)
        #expect(caller.results[numeric]?.response.failure == nil)
        #expect(caller.results[cached]?.response.failure == nil)
        #expect(stalled.allSatisfy { caller.results[$0] == nil })
        // A dead name does not hold its request back either.
        for key in stalled { caller.transport.cancel(key) }
    }

    @Test func `a good name has a thread even when its addresses have to be asked for again`() throws {
        let gate = Gate()
        let caller = try Caller(lookup: { name in
            guard name.name.hasPrefix("stalled") else { return .notFound }
            gate.wait()
            return .notFound
        })
        defer { gate.open() }
        // Not found is an answer that is not kept, so the second call has to ask again.
        _ = try caller.call(.to("http://quick.test/"))
        for number in 0..<100 { caller.start(.to("http://stalled\(number).test/")) }
        let key = caller.start(.to("http://quick.test/"))
        try caller.waitFor(key)
        #expect(caller.results[key]?.response.failure?.code == "dns_not_found")
    }

    @Test func `all the threads that stalled come back`() throws {
        let gate = Gate()
        let caller = try Caller(lookup: { _ in
            gate.wait()
            return .notFound
        })
        for number in 0..<100 { caller.start(.to("http://stalled\(number).test/")) }
        try caller.loop.turn(timeout: 100_000)
        gate.open()
        try caller.turn { caller.results.count == 100 }
        #expect(caller.results.values.allSatisfy { $0.response.failure?.code == "dns_not_found" })
    }

    @Test func `the system resolver knows localhost`() {
        guard case .addresses(let addresses) = systemLookup(HostName(name: "localhost", family: .ipv4)) else {
            Issue.record("localhost has no address")
            return
        }
        #expect(addresses == ["127.0.0.1"])
    }

    struct Exempt: Sendable {
        var list: String
        var host: String
        var isExempt: Bool
    }

    @Test(arguments: [
        Exempt(list: "*", host: "a.test", isExempt: true),
        Exempt(list: "a.test", host: "a.test", isExempt: true),
        Exempt(list: "a.test", host: "b.a.test", isExempt: true),
        Exempt(list: ".a.test", host: "b.a.test", isExempt: true),
        Exempt(list: "x.test, A.Test.", host: "a.test.", isExempt: true),
        Exempt(list: "a.test", host: "ba.test", isExempt: false),
        Exempt(list: "", host: "a.test", isExempt: false),
        Exempt(list: "10.0.0.0/8", host: "10.255.0.1", isExempt: true),
        Exempt(list: "10.0.0.0/8", host: "11.0.0.1", isExempt: false),
        Exempt(list: "10.0.0.0/99,10.0.0.0/x,/8", host: "10.0.0.1", isExempt: false),
        Exempt(list: "192.168.4.0/22", host: "192.168.7.255", isExempt: true),
        Exempt(list: "192.168.4.0/22", host: "192.168.8.0", isExempt: false),
        Exempt(list: "fe80::/10", host: "fe80::1", isExempt: true),
        Exempt(list: "[::1]", host: "::1", isExempt: true),
        Exempt(list: "0.0.0.0/0", host: "::1", isExempt: false),
    ])
    func `NoProxy= means these hosts`(row: Exempt) {
        #expect(NoProxy(row.list).contains(row.host) == row.isExempt)
    }
}

/// What the threads were asked, in order.
private final class Counter: Sendable {
    private let seen = Mutex<[String]>([])

    var names: [String] { seen.withLock { $0 } }

    func count(_ name: String) { seen.withLock { $0.append(name) } }
}
