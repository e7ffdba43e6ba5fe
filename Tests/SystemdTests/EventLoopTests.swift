import Glibc
import Systemd
import Testing
import Threads

@Suite struct EventLoopTests {
    @Test func `a bell rung by another thread wakes the loop`() throws {
        let loop = try EventLoop()
        let mailbox = Mailbox<Int>()
        var received: [Int] = []
        let source = try loop.onReadable(mailbox.bell.descriptor) {
            mailbox.bell.wait()
            while true {
                let messages = mailbox.take()
                if messages.isEmpty { break }
                received += messages
            }
            if received.count == 1_000 { loop.exit(code: 7) }
        }
        let thread = try OSThread(name: "poster") { for number in 0..<1_000 { mailbox.post(number) } }
        #expect(try loop.run() == 7)
        thread.join()
        #expect(received == Array(0..<1_000))
        _ = source
    }

    @Test func `a deferred source fires once each time it is switched on`() throws {
        let loop = try EventLoop()
        var count = 0
        let source = try loop.deferred { count += 1 }
        #expect(try !loop.turn(timeout: 0))
        source.isOn = true
        #expect(try loop.turn(timeout: 0))
        #expect(try !loop.turn(timeout: 0))
        source.isOn = true
        #expect(try loop.turn(timeout: 0))
        #expect(count == 2)
    }

    @Test func `a dropped source is not called`() throws {
        let loop = try EventLoop()
        var count = 0
        var source: EventSource? = try loop.deferred { count += 1 }
        source?.isOn = true
        source = nil
        #expect(try !loop.turn(timeout: 0))
        #expect(count == 0)
    }

    @Test func `a timer in the past fires on the next turn and is off again`() throws {
        let loop = try EventLoop()
        var count = 0
        let timer = try loop.timer(.boottime) { count += 1 }
        timer.arm(at: 1)
        #expect(try loop.turn(timeout: 1_000_000))
        timer.fired()
        #expect(timer.deadline == nil)
        #expect(try !loop.turn(timeout: 0))
        #expect(count == 1)
    }

    @Test func `timers go before what is readable, and the last priority after both`() throws {
        let loop = try EventLoop()
        var order: [String] = []
        let bell = Bell()
        bell.ring()
        let last = try loop.deferred(priority: .last) { order.append("last") }
        let reader = try loop.onReadable(bell.descriptor) {
            bell.wait()
            order.append("readable")
        }
        let timer = try loop.timer(.realtime, priority: .timers) { order.append("timer") }
        last.isOn = true
        timer.arm(at: 1)
        for _ in 0..<3 { try loop.turn(timeout: 100_000) }
        #expect(order == ["timer", "readable", "last"])
        _ = reader
    }
}
