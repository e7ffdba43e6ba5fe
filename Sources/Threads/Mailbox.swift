internal import Synchronization

/// The one way that threads speak to each other: messages are posted under a lock, and taken all at once by the one
/// owner. The bell rings only when the owner sleeps, so a busy pair of threads makes no system call for it.
package final class Mailbox<Message: Sendable>: Sendable {
    private struct State {
        var messages: [Message] = []
        var ownerSleeps = true
    }

    private let state = Mutex(State())
    /// ThreadSanitizer does not see `Mutex`; this makes the order visible to it.
    private let order = Atomic<UInt64>(0)
    /// An owner with an event loop watches its descriptor.
    package let bell: Bell

    /// `bell`: shared by the mailboxes that one loop owns, or one of its own.
    package init(bell: Bell = Bell()) {
        self.bell = bell
    }

    package func post(_ message: Message) {
        let wake = state.withLock { state in
            order.add(1, ordering: .acquiringAndReleasing)
            state.messages.append(message)
            defer { state.ownerSleeps = false }
            return state.ownerSleeps
        }
        if wake { bell.ring() }
    }

    package func post(contentsOf messages: [Message]) {
        guard !messages.isEmpty else { return }
        let wake = state.withLock { state in
            order.add(1, ordering: .acquiringAndReleasing)
            state.messages.append(contentsOf: messages)
            defer { state.ownerSleeps = false }
            return state.ownerSleeps
        }
        if wake { bell.ring() }
    }

    /// Everything posted so far, oldest first. Empty: the owner is taken to go to sleep, and the next message rings.
    package func take() -> [Message] {
        state.withLock { state in
            order.add(1, ordering: .acquiringAndReleasing)
            guard !state.messages.isEmpty else {
                state.ownerSleeps = true
                return []
            }
            var messages: [Message] = []
            swap(&messages, &state.messages)
            return messages
        }
    }

    /// As `take`, and sleeps until there is something. For an owner that is a thread of its own.
    package func wait() -> [Message] {
        while true {
            let messages = take()
            if !messages.isEmpty { return messages }
            bell.wait()
        }
    }

    /// As `wait`, but gives up after so long, with nothing.
    package func wait(milliseconds: Int32) -> [Message] {
        let messages = take()
        if !messages.isEmpty { return messages }
        return bell.wait(milliseconds: milliseconds) ? take() : []
    }
}
